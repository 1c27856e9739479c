import type { SettingOrigin } from '../../model/configured-source.js'

/** A setting of the go command: its value and who says so. */
export interface GoSetting {
  readonly name: string
  /** Empty: the default holds. */
  readonly value: string
  readonly from: SettingOrigin
}
