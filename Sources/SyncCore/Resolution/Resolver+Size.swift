extension Resolver {
    /// Leaves out the largest settings where the document would be larger than a device can read, and says so.
    ///
    /// A write that would come to this is refused; what only meets by a device's facts, or by many small policies, gets a
    /// document all the same. Which settings go follows from the document alone: the largest first, by key among equals.
    mutating func fit(_ layers: [Layer]) {
        // No merge says more than all of its contributions.
        guard layers.reduce(0, { $0 + $1.bytes }) > Limits.documentBytes else { return }
        let sizes = settings.map { (key: $0.key, bytes: Limits.memberBytes($0.key, $0.value.value)) }
        var whole = sizes.reduce(0) { $0 + $1.bytes }
        for (key, bytes) in sizes.sorted(by: { ($1.bytes, $0.key) < ($0.bytes, $1.key) }) {
            guard whole > Limits.documentBytes else { return }
            leaveOut(key, bytes)
            whole -= bytes
        }
    }

    private mutating func leaveOut(_ key: String, _ bytes: Int) {
        guard var decision = settings.removeValue(forKey: key)?.decision else { return }
        decision.violations.append(
            ConstraintViolation(
                // The same one while it lasts, whatever its size.
                record: .string(key),
                constraint: "an effective policy of at most \(Limits.documentBytes) bytes; this setting has \(bytes)",
                contributors: decision.from))
        unset[key] = decision
    }
}
