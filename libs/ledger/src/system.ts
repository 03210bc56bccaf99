/** The system's own source: what it decides and makes, and its configuration where that matters to an audit. */
export const SYSTEM_SOURCE = 'chartledger';
/** The chain that the system's own source stands on, alone. */
export const SYSTEM_CHAIN = 0;
