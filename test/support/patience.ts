/**
 * Factor on every limit of time in a test. These tests look for work that grows with the square of the input, which takes
 * hundreds of times the limit; a loaded machine that is ten times slower must not fail them.
 */
export const PATIENCE = 10
