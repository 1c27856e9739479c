/** The version of this build; a test holds it equal to package.json, so no file is read to print it. */
export const VERSION = '0.1.0'
