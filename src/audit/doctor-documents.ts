import { doctorJson } from '../formats/doctor-json.js'
import { doctorText } from '../formats/doctor-text.js'
import type { DoctorReport } from '../model/doctor.js'
import type { Style } from '../model/style.js'

/** A doctor's report as it is printed. */
export function doctorDocument(format: 'text' | 'json', report: DoctorReport, style: Style): Iterable<string> {
  return format === 'json' ? doctorJson(report) : doctorText(report, style)
}
