import SyncCore

/// What the scenario knows of one handset's user: everything that was set for him, in the order in which each side did.
///
/// It says what the user document must be and which edits the server must have rejected, from the document's definition
/// and the catalog, without the product's merge.
struct UserAccount: Sendable {
    struct Elsewhere: Sendable {
        let seq: Seq
        /// The number of the handset's last edit that its author had seen.
        let seen: UInt64
        let edit: UserEdit
    }

    var onDevice: [DeviceEdit] = []
    var elsewhere: [Elsewhere] = []

    /// Numbers of edits that a policy does not leave to the user.
    func rejected(
        _ edits: [DeviceEdit], under policy: [String: JSONValue], _ catalog: Catalog
    ) -> Set<UInt64> {
        Set(edits.filter { !Self.isLeft($0.edit, to: policy, catalog) }.map(\.number))
    }

    private static func isLeft(_ edit: UserEdit, to policy: [String: JSONValue], _ catalog: Catalog) -> Bool {
        guard let setting = catalog.settings[edit.key] else { return false }
        if let gate = setting.gate {
            guard (policy[gate.key] ?? catalog.settings[gate.key]?.defaultValue) == gate.equals else { return false }
        }
        guard let value = edit.value.flatMap(seconds), edit.operation == .set else { return true }
        // Of a duration the smaller one counts, and no more than what it is clamped to.
        let limits = [
            policy[edit.key].flatMap(seconds),
            setting.clamp.flatMap { clamp in policy[clamp.key]?.integer.map { $0 * clamp.milliseconds / 1_000 } },
        ]
        return limits.allSatisfy { limit in limit.map { $0 == 0 || value <= $0 } ?? true }
    }

    private static func seconds(_ value: JSONValue) -> Int64? {
        value.string.flatMap { $0.hasSuffix("s") ? Int64($0.dropLast()) : nil }
    }

    /// What the document says in the end.
    func values(without rejected: Set<UInt64>) -> [String: JSONValue] {
        var plain = PlainUserDocument()
        for edit in onDevice where !rejected.contains(edit.number) {
            plain.add(edit.edit, isDevice: true, own: edit.number, seen: edit.seen)
        }
        for entry in elsewhere { plain.add(entry.edit, isDevice: false, own: entry.seq, seen: entry.seen) }
        return plain.values
    }
}
