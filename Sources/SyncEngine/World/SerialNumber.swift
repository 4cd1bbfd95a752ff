import SyncCore

/// A serial number, told apart by the agency whose terminal has it: lists of two makers, or of two agencies, may overlap.
struct SerialNumber: Hashable, Sendable {
    let agency: OrgPath
    let text: String

    init(_ text: String, in unit: OrgPath) {
        agency = unit.agency ?? .root
        self.text = text
    }
}
