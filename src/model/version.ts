/** The same as in package.json; a test holds them together. */
export const version = '0.1.0'

/** The version of Mesos whose APIs are spoken; clients decide by it what they may ask. */
export const mesosVersion = '1.11.0'
