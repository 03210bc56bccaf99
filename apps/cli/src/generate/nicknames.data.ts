/** What people are called for short. Several full names share one short name, as they do in life. */
const SHORT_NAMES = `
Robert Bob Rob Bobby | William Bill Will Billy | Richard Rick Dick Rich | James Jim Jimmy | John Jack Johnny
Michael Mike Mick | David Dave | Joseph Joe Joey | Thomas Tom Tommy | Christopher Chris | Charles Charlie Chuck
Daniel Dan Danny | Matthew Matt | Anthony Tony | Donald Don | Steven Steve | Stephen Steve | Andrew Andy Drew
Joshua Josh | Kenneth Ken Kenny | Kevin Kev | Timothy Tim | Ronald Ron | Edward Ed Ted Eddie | Jeffrey Jeff | Jacob Jake
Nicholas Nick | Jonathan Jon | Benjamin Ben | Samuel Sam | Gregory Greg | Alexander Alex Sandy | Patrick Pat Paddy
Raymond Ray | Gerald Gerry Jerry | Zachary Zach | Douglas Doug | Peter Pete | Nathan Nate | Nathaniel Nate | Walter Walt
Arthur Art | Lawrence Larry | Albert Al Bert | Vincent Vince | Bradley Brad | Philip Phil | Eugene Gene | Leonard Len
Ernest Ernie | Victor Vic | Theodore Ted Theo | Herbert Herb Bert | Alfred Al Fred | Clifford Cliff | Francis Frank
Frederick Fred | Gabriel Gabe | Harold Harry | Henry Hank Harry | Maximilian Max | Sebastian Seb | Reginald Reggie
Rodney Rod | Roderick Rod | Bartholomew Bart | Abraham Abe | Solomon Sol | Jerome Jerry | Terrence Terry
Patricia Pat Patty Trish | Jennifer Jen Jenny | Elizabeth Liz Beth Betty | Barbara Barb | Susan Sue Susie
Jessica Jess | Sarah Sally | Margaret Peggy Meg Maggie | Kimberly Kim | Deborah Deb Debbie | Debra Deb Debbie
Stephanie Steph | Dorothy Dot Dottie | Rebecca Becky | Cynthia Cindy | Kathleen Kathy | Katherine Kate Kathy Katie
Kathryn Kathy Kate | Catherine Cathy Kate | Angela Angie | Pamela Pam | Nicole Nikki | Samantha Sam | Christine Chris
Christina Tina Chris | Carolyn Carol | Janet Jan | Victoria Vicky Tori | Virginia Ginny | Judith Judy | Jacqueline Jackie
Martha Marty | Teresa Terry Tess | Theresa Terry Tess | Abigail Abby Gail | Frances Fran | Josephine Jo Josie
Danielle Dani | Natalie Nat | Lillian Lily | Amanda Mandy | Melissa Missy | Sandra Sandy | Allison Allie
Alexandra Alex Sandra | Gabriella Gabby | Penelope Penny | Eleanor Ellie Nell | Beatrice Bea | Constance Connie
Rosalind Roz | Winifred Winnie | Harriet Hattie | Priscilla Cilla | Savannah Anna | Michelle Shelly | Emily Em
`;

/** Full name → the short names under which the same person may be registered. */
export const NICKNAMES: ReadonlyMap<string, readonly string[]> = new Map(
  SHORT_NAMES.split(/[|\n]/)
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.length > 1)
    .map(([full, ...short]) => [full!, short]),
);
