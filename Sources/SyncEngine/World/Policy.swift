import SyncCore

/// A policy as it stands: a sparse map of settings, and who wrote each last.
public struct Policy: Sendable {
    public struct Setting: Sendable {
        public let value: JSONValue
        public let isEnforced: Bool
        /// Position of the last write that changed the value: what decides between layers of equal authority.
        public let valueSeq: Seq
        /// Position of the last write, which may have changed only the mark.
        public let writeSeq: Seq
        public let author: String
    }

    public let id: PolicyID
    public let reference: PolicyReference
    public internal(set) var settings: [String: Setting] = [:]
    /// Position of the last entry that touched it.
    public internal(set) var revision: Seq

    public var body: PolicyBody {
        PolicyBody(
            values: settings.mapValues(\.value), enforced: Set(settings.filter(\.value.isEnforced).map(\.key)))
    }

    mutating func set(_ key: String, _ value: JSONValue, isEnforced: Bool, seq: Seq, author: String) {
        let kept = settings[key].flatMap { $0.value == value ? $0.valueSeq : nil }
        settings[key] = Setting(
            value: value, isEnforced: isEnforced, valueSeq: kept ?? seq, writeSeq: seq, author: author)
        revision = seq
    }

    mutating func remove(_ key: String, seq: Seq) {
        settings[key] = nil
        revision = seq
    }

    func layer(priority: Int, depth: Int, place: String) -> Layer {
        Layer(
            contributor: Contributor(name: reference.description, place: place, priority: priority, depth: depth),
            entries: settings.mapValues {
                Layer.Entry(value: $0.value, seq: $0.valueSeq, isEnforced: $0.isEnforced)
            })
    }
}
