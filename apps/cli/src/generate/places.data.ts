/** The town. No such place: its postal codes are not in use, so that no record can be taken for a real person's. */
export const TOWN_STATE = 'MA';
export const TOWN_DISTRICTS = [
  { city: 'Port Alder', postalCode: '01991', weight: 40 },
  { city: 'Port Alder', postalCode: '01992', weight: 30 },
  { city: 'North Alder', postalCode: '01993', weight: 18 },
  { city: 'Quarry Mills', postalCode: '01997', weight: 12 },
] as const;

/** Street names; with the kinds below some 400 streets. */
export const STREET_NAMES = `
Main Park Oak Maple Cedar Pine Elm Washington Lake Hill Walnut Spring River Church Chestnut Highland Mill Franklin
Lincoln Jefferson Harbor Quay Beacon Meadow Willow Birch Hickory Sunset Ridge Orchard Prospect Pleasant Summer Winter
School College Union Liberty Central Bridge Canal Depot Railroad Forest Grove Garden Sycamore Magnolia Juniper Laurel
Hawthorn Granite Quarry Lighthouse Anchor Schooner Heron Osprey Fox Deer Otter Marsh Alder Fern Clover Bluebell Tanner
Cooper Chandler Weaver Mason Fuller Sawyer Barnaby Winslow Hathaway Thorndike Pemberton Ashby Kendall
`
  .trim()
  .split(/\s+/);

export const STREET_KINDS = ['Street', 'Avenue', 'Road', 'Lane', 'Drive', 'Court'] as const;

/** Mail domains that RFC 2606 keeps free for examples. */
export const MAIL_DOMAINS = ['example.com', 'example.org', 'example.net', 'mail.example.com'] as const;

/** A home where many live at one address behind one telephone: agreement on these says little. */
export const CARE_HOME = {
  address: { line: '200 Quay Street', city: 'Port Alder', postalCode: '01991' },
  phone: '555-200-0100',
} as const;
