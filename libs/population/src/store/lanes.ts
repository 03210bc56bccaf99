/** The lane of the views that are read. The others are filled beside it. */
export const LIVE = 0;
