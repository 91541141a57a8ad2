/** A sandbox on its way out bears it: nobody is shown half of one, and a later run knows to go on. */
export const discardedPrefix = '.gc-'
/** Of a fetch; one that is found where no fetch is under way was left by an agent that died. */
export const temporaryPrefix = '.slipway-fetch-'
