import type { DoctorReport } from '../model/doctor.js'
import { VERSION } from '../version.js'

/** Raised when a field changes its meaning or goes away. */
const DOCTOR_FORMAT = 1

/** A doctor's report as JSON (`schemas/doctor.schema.json`). */
export function doctorJson(report: DoctorReport): string[] {
  const document = {
    $schema: 'https://assay.invalid/schemas/doctor.schema.json',
    format: DOCTOR_FORMAT,
    tool: { name: 'assay', version: VERSION },
    ...report,
  }
  return [`${JSON.stringify(document, undefined, 2)}\n`]
}
