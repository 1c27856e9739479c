export { clockTimestamp, currentInstant, currentTimestamp } from '../evidence/clock.js'
