/// What a look at entries found.
struct InspectedEntries {
    /// Those that are what their leaves are of.
    var verified = 0
    /// Those that a repair left out.
    var leftOut = 0
    /// Those of which it is not known within which incarnation of the log they were written.
    var unverifiable = 0
    var damage: [StoreDamage] = []

    mutating func take(_ other: InspectedEntries) {
        verified += other.verified
        leftOut += other.leftOut
        unverifiable += other.unverifiable
        damage += other.damage
    }
}
