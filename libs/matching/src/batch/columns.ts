/** What a column of a table of people says. Several columns may say the same: two phones, three identifiers. */
export type ColumnField =
  | 'id'
  | 'cluster'
  | 'name'
  | 'given'
  | 'middle'
  | 'family'
  | 'otherGiven'
  | 'otherFamily'
  | 'suffix'
  | 'birthDate'
  | 'birthYear'
  | 'birthMonth'
  | 'birthDay'
  | 'sex'
  | 'number'
  | 'street'
  | 'city'
  | 'birthPlace'
  | 'state'
  | 'postcode'
  | 'phone'
  | 'email'
  | 'identifier'
  | 'motherFamily'
  | 'motherGiven'
  | 'birthOrder'
  | 'ignored';

/** Names as they are met, without case, blanks, underscores and hyphens. */
const KNOWN: Readonly<Record<Exclude<ColumnField, 'ignored'>, string>> = {
  id: 'id recid uniqueid recordid patientid rowid recordkey key uid pid enterpriseid',
  cluster: 'cluster clusterid entityid entity truth truthid truevalue trueid personid entid',
  name: 'name fullname patientname personname',
  given:
    'given givenname givennames firstname firstnames first fname forename forenames forename1 namefirst fnamec1 gname',
  middle: 'middle middlename middlenames middleinitial mi mname namemiddle forename2 secondname midlname',
  family: 'family familyname surname lastname last lname namelast sname lnamec1 sn',
  otherGiven: 'alias namealias nickname preferredname knownas fnamec2 aliasfirst',
  otherFamily:
    'maidenname previoussurname formername birthname othersurname lnamec2 namelasthyph maidensurname maiden formersurname',
  suffix: 'suffix namesuffix generation namesuffixlbl generationalsuffix suffixname',
  birthDate: 'dob dateofbirth birthdate birthday bdate datebirth birthdt dobdate birth dobirth dateofbirthdt',
  birthYear: 'birthyear yearofbirth yob by dobyear byear dobyyyy dobyr',
  birthMonth: 'birthmonth monthofbirth mob bm dobmonth bmonth dobmm dobmo',
  birthDay: 'dayofbirth bd dobday bday dobdd dobdy birthdayofmonth',
  sex: 'sex gender sexcode gendercode administrativegender administrativesex',
  number: 'streetnumber streetno housenumber houseno addressnumber number stnumber streetnum housenum',
  street:
    'address address1 addressline1 addressline street streetname streetaddress addr addr1 addressstreet1 addressstreet line1 resstreetaddress homeaddress',
  city: 'city suburb town locality addresscity cityname rescitydesc municipality placeofresidence homecity',
  birthPlace: 'birthplace placeofbirth birthcity',
  state: 'state addressstate statecd province region statecode',
  postcode: 'postcode postalcode zip zipcode zip5 addresszip postcodefake pcode zipcd postal',
  phone:
    'phone phonenumber telephone telephonenumber tel mobile mobilephone cell cellphone homephone phone1 phone2 workphone fullphonenumber contactnumber',
  email: 'email emailaddress mail email1 email2',
  identifier:
    'ssn socsecid socialsecuritynumber socialsecurity nationalid nationalidentifier nhsnumber nhs medicare medicareno medicarenumber ' +
    'medicaid medicaidid insurance insurancenumber insuranceid healthcard healthcardnumber ihi identifier taxid passport ' +
    'passportnumber driverslicense driverlicense licensenumber nin ninumber sin curp cpf memberid socsec',
  motherFamily: 'motherfamily mothermaidenname mothersmaidenname motherssurname mothersurname maidennameofmother',
  motherGiven: 'mothergiven motherfirstname mothername mothersfirstname guardiannamefirst mothersname',
  birthOrder: 'birthorder multiplebirthorder birthnumber',
};

const FIELD_OF = new Map(
  Object.entries(KNOWN).flatMap(([field, names]) => names.split(' ').map((name) => [name, field as ColumnField])),
);

export interface Column {
  name: string;
  /** The name without case and punctuation: of an identifier, its system. */
  system: string;
  field: ColumnField;
}

/**
 * What each column says, by its name or by `map` (`{"col": "family"}`).
 * @throws Error when `map` names a column that is not there, or a field that is not known
 */
export function recognizeColumns(names: readonly string[], map: Readonly<Record<string, string>> = {}): Column[] {
  for (const [column, field] of Object.entries(map)) {
    if (!names.includes(column)) throw new Error(`there is no column ${column}: the file has ${names.join(', ')}`);
    if (!(field in KNOWN) && field !== 'ignored')
      throw new Error(`no field is called ${field}: use one of ${Object.keys(KNOWN).join(', ')}, ignored`);
  }
  const columns = names.map((name): Column => {
    const system = name.toLowerCase().replace(/[^a-z0-9]+/g, '');
    const field = (map[name] as ColumnField | undefined) ?? FIELD_OF.get(system) ?? 'ignored';
    return { name, system, field };
  });
  return withId(withPlace(columns));
}

/** Without a column of ids, a record number of the file's own serves; without either, the row's number. */
function withId(columns: Column[]): Column[] {
  const own = columns.filter(({ field }) => field === 'id');
  for (const column of own.slice(1)) column.field = 'ignored';
  if (own.length === 0) {
    const number = columns.find(
      ({ system, field }) => field === 'ignored' && /^(mrns?|medicalrecordnumber|recordno|no)$/.test(system),
    );
    if (number) number.field = 'id';
  }
  return columns;
}

/** A birth place serves as the place where no other is known: it narrows people down as well. */
function withPlace(columns: Column[]): Column[] {
  const hasCity = columns.some(({ field }) => field === 'city');
  for (const column of columns) if (column.field === 'birthPlace') column.field = hasCity ? 'ignored' : 'city';
  return columns;
}
