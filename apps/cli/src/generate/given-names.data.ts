/** Given names of girls and women, from common to rare. */
export const FEMALE_NAMES = `
Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley
Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Dorothy Rebecca Sharon Laura Cynthia Amy Kathleen
Angela Shirley Brenda Emma Anna Pamela Nicole Samantha Katherine Christine Helen Debra Rachel Carolyn Janet Maria
Catherine Heather Diane Olivia Julie Joyce Victoria Ruth Virginia Lauren Kelly Christina Joan Evelyn Judith Andrea
Hannah Megan Cheryl Jacqueline Martha Madison Teresa Gloria Sara Janice Ann Kathryn Abigail Sophia Frances Jean Alice
Judy Isabella Julia Grace Amber Denise Danielle Marilyn Beverly Charlotte Natalie Theresa Diana Brittany Doris Kayla
Alexis Lori Marie Ava Tiffany Rose Peggy Wanda Crystal Phyllis Norma Paula Annie Lillian Robin Connie Tina Rita Dawn
Gladys Edna Tracy Florence Edith Ethel Grace-Ann Clara Eva Lucille Carmen Rosa Cindy Wendy Josephine Sheila Ellen
Elaine Marjorie Charlene Leslie Vanessa Yolanda Jeanne Sylvia Stella Bonnie Vivian Mia Chloe Zoe Lily Ella Avery Aria
Scarlett Hazel Nora Leah Violet Aurora Savannah Brooklyn Claire Lucy Penelope Layla Ruby Naomi Alexandra Gabriella
Camila Valentina Luna Elena Maya Ivy Allison Sadie Adeline Delilah Isla Eliza Margot Priscilla Beatrice Bernadette
Constance Cordelia Dolores Estelle Geneviève Renée Zoë Chloé María Sofía Lucía Inés Mónica Verónica Anaïs
Hélène Märta Åsa Jördis Ngozi Aisha Fatima Priya Mei Yuki Svetlana Ludmila Zuzana Ewa Siobhan Niamh Winifred
Rosalind Harriet Millicent Ophelia Imogen
`
  .trim()
  .split(/\s+/);

/** Given names of boys and men, from common to rare. */
export const MALE_NAMES = `
James Robert John Michael David William Richard Joseph Thomas Christopher Charles Daniel Matthew Anthony Mark Donald
Steven Andrew Paul Joshua Kenneth Kevin Brian George Timothy Ronald Jason Edward Jeffrey Ryan Jacob Gary Nicholas Eric
Jonathan Stephen Larry Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry
Tyler Aaron Jose Adam Nathan Henry Zachary Douglas Peter Kyle Noah Ethan Jeremy Christian Walter Keith Austin Roger
Terry Sean Gerald Carl Dylan Harold Jordan Jesse Bryan Lawrence Arthur Gabriel Bruce Logan Billy Joe Alan Juan Elijah
Willie Albert Wayne Randy Mason Vincent Liam Roy Bobby Caleb Bradley Russell Lucas Philip Eugene Louis Ralph Howard
Fred Carlos Martin Stanley Leonard Ernest Victor Theodore Clarence Norman Herbert Marcus Alfred Derek Oscar Clifford
Leon Edwin Francis Melvin Dale Jay Glenn Marvin Vernon Allen Chad Leo Isaac Owen Hunter Connor Evan Ian Luke Adrian
Cameron Julian Hudson Wyatt Levi Grayson Jaxon Asher Carter Ezra Miles Silas Theo Felix Jasper Rowan Emmett August
Everett Harrison Beckett Simon Edgar Hugh Ivan Max Neil Oliver Preston Quentin Reginald Rodney Rupert Sebastian Sidney
Tobias Ulysses Wallace Wesley Wilbur Xavier Zane Abraham Ambrose Archibald Bartholomew Benedict Cedric Conrad Cornelius
Desmond Fernando Frederick Gilbert Hector Ignatius Jerome Julius Lionel Maximilian Mortimer Nathaniel Percival Roderick
Solomon Terrence Thaddeus Virgil José André René François Jürgen Björn Søren Łukasz Tomás Andrés Martín Óscar Iñigo
Günther Zoltán Miloš Kwame Chidi Ahmed Omar Arjun Rajesh Hiroshi Kenji Dmitri Sergei Pádraig Cillian Jean-Pierre
`
  .trim()
  .split(/\s+/);
