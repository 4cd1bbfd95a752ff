import SyncCore

/// A policy as it stands: a sparse map of settings, and who wrote each last.
public struct Policy: Sendable {
    public let id: PolicyID
    public let reference: PolicyReference
    /// Every setting that was ever written: a removed one stays, so that whoever had not seen the removal is noticed.
    public private(set) var settings: [String: Setting] = [:]
    /// Position of the last entry that touched it.
    public private(set) var revision: Seq
    /// Position of the last entry that changed what it says.
    private(set) var documentRevision: Seq
    /// Bytes of what it says in canonical form.
    private(set) var bytes = 0

    init(id: PolicyID, reference: PolicyReference, createdAt seq: Seq) {
        self.id = id
        self.reference = reference
        revision = seq
        documentRevision = seq
    }

    /// As it stood when it was written down; its settings follow.
    init(id: PolicyID, reference: PolicyReference, revision: Seq, documentRevision: Seq) {
        self.id = id
        self.reference = reference
        self.revision = revision
        self.documentRevision = documentRevision
    }

    mutating func restore(_ setting: Setting, of key: String) { put(setting, at: key) }

    private mutating func put(_ setting: Setting, at key: String) {
        bytes += Self.bytes(setting, key) - Self.bytes(settings[key], key)
        settings[key] = setting
    }

    private static func bytes(_ setting: Setting?, _ key: String) -> Int {
        setting?.current.map { Limits.memberBytes(key, $0.value) } ?? 0
    }

    /// What it says of each setting.
    public var values: [String: SettingValue] { settings.compactMapValues(\.current) }

    public var body: PolicyBody {
        let values = values
        return PolicyBody(
            values: values.mapValues(\.value), enforced: Set(values.filter(\.value.isEnforced).map(\.key)))
    }

    /// Settings with writes that nobody has decided on, in order of key.
    public var conflicts: [(key: String, setting: Setting)] {
        settings.filter { !$0.value.siblings.isEmpty }.sorted { $0.key.precedesInBytes($1.key) }
            .map { ($0.key, $0.value) }
    }

    mutating func write(_ value: SettingValue?, to key: String, _ stamp: Stamp) {
        var setting = settings[key] ?? Setting()
        setting.write(value, stamp)
        put(setting, at: key)
        revision = stamp.seq
        documentRevision = stamp.seq
    }

    mutating func keepSibling(_ value: SettingValue?, of key: String, _ stamp: Stamp) {
        settings[key, default: Setting()].keep(Sibling(value: value, stamp: stamp))
        revision = stamp.seq
    }

    func layer(priority: Int, depth: Int, place: String) -> Layer {
        Layer(
            contributor: Contributor(name: reference.description, place: place, priority: priority, depth: depth),
            entries: settings.compactMapValues { setting in
                setting.current.map { Layer.Entry(value: $0.value, seq: setting.valueSeq, isEnforced: $0.isEnforced) }
            }, bytes: bytes)
    }
}

extension Policy {
    /// One setting: what stands, who wrote it, and what others wrote without having seen that.
    public struct Setting: Sendable {
        /// Nil once removed.
        public private(set) var current: SettingValue?
        /// Position of the last write that changed the value: what decides between layers of equal authority.
        public private(set) var valueSeq: Seq = 0
        /// The last write that counts; it may have changed only the mark.
        public private(set) var written: Stamp?
        /// Writes that do not count, the oldest first.
        public private(set) var siblings: [Sibling] = []

        /// Position of the last write, siblings included: an author who had seen less than this had not seen all.
        public var lastSeq: Seq { max(written?.seq ?? 0, siblings.last?.stamp.seq ?? 0) }

        fileprivate mutating func write(_ value: SettingValue?, _ stamp: Stamp) {
            // Whoever writes decides on the siblings that he has seen.
            siblings.removeAll { $0.stamp.seq <= stamp.base }
            if stamp.outcome == .forced, let written { keep(Sibling(value: current, stamp: written)) }
            if current?.value != value?.value { valueSeq = stamp.seq }
            current = value
            written = stamp
        }

        fileprivate mutating func keep(_ sibling: Sibling) {
            siblings.append(sibling)
            siblings.sort { $0.stamp.seq < $1.stamp.seq }
            // The oldest ones remain in the log.
            siblings.removeFirst(max(0, siblings.count - Limits.siblings))
        }
    }

    /// A write that lost against another that its author had not seen.
    public struct Sibling: Hashable, Sendable {
        /// Nil for a removal.
        public let value: SettingValue?
        public let stamp: Stamp
    }
}
