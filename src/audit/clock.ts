export { currentInstant, currentTimestamp } from '../evidence/clock.js'
