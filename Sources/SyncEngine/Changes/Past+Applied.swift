import SyncCore
import SyncStore

extension Past {
    /// What an author wrote to a policy last, setting by setting, as far as it is kept.
    func applied(
        to policy: Policy, by author: String, in reader: any StoreReader, as present: World
    ) throws -> Bases.Seen {
        let start = try policiesAtFloor(in: reader, as: present)[policy.id]
        var own = OwnWrites(author: author, start: start)
        for transaction in try reader.history(of: "policy/\(policy.id)", limit: .max) {
            for entry in transaction.entries {
                own.follow(entry, isOwn: transaction.header.author == author, present.catalog)
            }
        }
        return own.seen
    }
}

/// Follows a policy's entries, and keeps what one author said in them.
private struct OwnWrites {
    private(set) var seen = Bases.Seen([:])
    private var values: [String: SettingValue]

    /// - Parameter start: the policy where its history begins.
    init(author: String, start: Policy?) {
        values = start?.values ?? [:]
        for (key, setting) in start?.settings ?? [:] where setting.written?.author == author {
            seen.values[key] = setting.current
            seen.positions[key] = setting.written?.seq
        }
    }

    mutating func follow(_ entry: Entry, isOwn: Bool, _ catalog: Catalog) {
        switch Change(entry) {
        case .settingSet(_, let key, let value, let isEnforced):
            let value = SettingValue(value, isEnforced: isEnforced)
            if isOwn, entry.outcome == .merged {
                // What stands has others' words in it: the author is to be merged with it again, not to replace it.
                seen.values[key] = value.ownPart(since: values[key], seen.values[key], catalog.settings[key])
                seen.positions[key] = entry.seq - 1
            } else if isOwn {
                keep(value, key, entry)
            }
            values[key] = value
        case .settingRemoved(_, let key):
            if isOwn { keep(nil, key, entry) }
            values[key] = nil
        case .siblingKept(_, let key, let value): if isOwn { keep(value, key, entry) }
        default: break
        }
    }

    private mutating func keep(_ value: SettingValue?, _ key: String, _ entry: Entry) {
        seen.values[key] = value
        seen.positions[key] = entry.seq
    }
}

extension SettingValue {
    /// What one author said of a value that several made together: what they had said of it before, as far as it is
    /// still there, and what came with this write. The rest is others', and nobody else's to take away.
    fileprivate func ownPart(since before: SettingValue?, _ own: SettingValue?, _ setting: Setting?) -> SettingValue? {
        guard let new = value.array else { return nil }
        var key: [String] = []
        if case .keyedMerge(let names, _) = setting?.strategy { key = names }
        func byPart(_ value: SettingValue?) -> [JSONValue: JSONValue] {
            Dictionary((value?.value.array ?? []).map { ($0.part(key), $0) }) { $1 }
        }
        let (others, mine) = (byPart(before), byPart(own))
        let parts = new.compactMap { record -> JSONValue? in
            let part = record.part(key)
            guard let other = others[part] else { return record }
            guard let members = record.object else { return mine[part] }
            let mine = mine[part]?.object
            let kept = members.filter { name, member in
                key.contains(name) || mine?[name] != nil || other[name] != member
            }
            return mine == nil && kept.count == key.count ? nil : .object(kept)
        }
        return SettingValue(.array(parts), isEnforced: isEnforced)
    }
}

extension JSONValue {
    /// What tells an element of a list: a record's key members, or all of it.
    fileprivate func part(_ key: [String]) -> JSONValue { key.isEmpty ? self : .array(key.map { self[$0] ?? .null }) }
}
