import SyncCore

/// A user document as its definition says: the list of everything that was ever written, read anew each time.
public struct PlainUserDocument {
    struct Write {
        let isDevice: Bool
        /// The device's number, or the position in the log.
        let own: UInt64
        /// How far its author had seen the other side.
        let seen: UInt64
        let value: JSONValue?
    }

    public init() {}

    /// By setting, element or record key, and field.
    private var writes: [[String]: [Write]] = [:]

    public mutating func add(_ edit: UserEdit, isDevice: Bool, own: UInt64, seen: UInt64) {
        func write(_ path: [String], _ value: JSONValue?) {
            writes[path, default: []].append(Write(isDevice: isDevice, own: own, seen: seen, value: value))
        }
        switch (edit.operation, edit.value) {
        case (.set, let value): write([edit.key], value)
        case (.unset, _): write([edit.key], nil)
        case (.add, let elements), (.remove, let elements):
            for element in elements?.array ?? [] {
                write([edit.key, element.string ?? ""], edit.operation == .add ? .bool(true) : nil)
            }
        case (.put, let record), (.patch, let record):
            let name = record?["ssid"]?.string ?? ""
            write([edit.key, name], .bool(true))
            for field in ["autoConnect", "security"] where edit.operation == .put || record?[field] != nil {
                write([edit.key, name, field], record?[field])
            }
        }
    }

    /// The writes of a place that no other write of it had seen.
    private func heads(_ path: [String]) -> [Write] {
        let all = writes[path] ?? []
        func sight(of write: Write) -> UInt64 {
            all.filter { $0.isDevice == write.isDevice && $0.own <= write.own }.map(\.seen).max() ?? 0
        }
        func isBefore(_ first: Write, _ second: Write) -> Bool {
            first.isDevice == second.isDevice ? first.own < second.own : sight(of: second) >= first.own
        }
        return all.filter { write in !all.contains { isBefore(write, $0) } }
    }

    private func register(_ path: [String]) -> JSONValue? {
        let heads = heads(path)
        return (heads.first(where: \.isDevice) ?? heads.first)?.value
    }

    private func isThere(_ path: [String]) -> Bool { heads(path).contains { $0.value != nil } }

    public var values: [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for key in Set(writes.keys.map { $0[0] }) {
            let members = Set(writes.keys.filter { $0[0] == key && $0.count == 2 }).filter(isThere).map { $0[1] }
                .sorted()
            if let value = register([key]) { values[key] = value }
            guard !members.isEmpty else { continue }
            values[key] = .array(
                members.map { name in
                    guard key == "user.wifiNetworks" else { return .string(name) }
                    var record: [String: JSONValue] = ["ssid": .string(name)]
                    for field in ["autoConnect", "security"] { record[field] = register([key, name, field]) }
                    return .object(record)
                })
        }
        return values
    }
}
