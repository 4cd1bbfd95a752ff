extension UserDocument {
    /// What is set, by key: what the terminal lays over its policy.
    public func values(_ catalog: Catalog) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for (key, places) in Dictionary(grouping: cells, by: \.key.key) {
            guard let shape = catalog.settings[key]?.userShape else { continue }
            let counted = Dictionary(uniqueKeysWithValues: places.map { ($0.key, $0.value.counted($0.key)) })
            values[key] = Self.value(counted, key, shape)
        }
        return values
    }

    private static func value(_ counted: [UserPlace: JSONValue?], _ key: String, _ shape: UserShape) -> JSONValue? {
        let members = counted.compactMap { place, value in place.isPresence && value != nil ? place.member : nil }
        switch shape {
        case .register: return counted[UserPlace(key: key)] ?? nil
        case .set: return members.isEmpty ? nil : .array(CanonicalSet.sorted(members))
        case .records(let shape):
            guard !members.isEmpty else { return nil }
            return .array(
                CanonicalSet.sorted(members).map { member in
                    var record: [String: JSONValue] = [shape.key[0]: member]
                    for (place, value) in counted where place.member == member {
                        if let field = place.field { record[field] = value }
                    }
                    return .object(record)
                })
        }
    }

    /// Edits that do not count: rejected ones, and values that lost against one made without having seen them.
    public func visibleSiblings(_ catalog: Catalog) -> [Sibling] {
        let unseen = cells.compactMap { place, cell -> Sibling? in
            let (counts, sibling) = cell.verdict(isPresence: place.isPresence)
            guard let sibling, sibling.value != counts?.value else { return nil }
            return Sibling(of: place, sibling, catalog)
        }
        return (siblings + unseen).sorted { $0.precedes($1) }
    }
}

extension UserDocument.Sibling {
    /// A write that lost, as the edit that it came from; nil where nothing was lost with it.
    init?(of place: UserPlace, _ write: UserCell.Write, _ catalog: Catalog) {
        guard !place.isPresence else { return nil }
        let edit: UserEdit
        if let member = place.member, let field = place.field {
            guard case .records(let shape)? = catalog.settings[place.key]?.userShape, let value = write.value else {
                return nil
            }
            edit = UserEdit(place.key, .patch, .object([shape.key[0]: member, field: value]))
        } else {
            edit = UserEdit(place.key, write.value == nil ? .unset : .set, write.value)
        }
        self.init(edit: edit, number: 0, claimed: nil, reason: .overtaken)
    }

    fileprivate func precedes(_ other: Self) -> Bool {
        if (edit.key, number) != (other.edit.key, other.number) {
            return (edit.key, number) < (other.edit.key, other.number)
        }
        return CanonicalWriter.text(of: edit.json).precedesInBytes(CanonicalWriter.text(of: other.edit.json))
    }
}

extension UserCell {
    fileprivate func counted(_ place: UserPlace) -> JSONValue? {
        verdict(isPresence: place.isPresence).counts?.value
    }
}

extension Dictionary where Key == String, Value == JSONValue {
    /// What a user document's values become when edits are made on them: a terminal's own view, before it is answered.
    public func applying(_ edits: [UserEdit], _ catalog: Catalog) -> [String: JSONValue] {
        var document = UserDocument(enrolment: 0, epoch: 0)
        document.restate(self, number: 0, seen: 0, epoch: 0, catalog)
        for (index, edit) in edits.enumerated() {
            guard let writes = try? edit.writes(catalog) else { continue }
            document.write(writes, .device, own: UInt64(index) + 1, seen: 0, catalog)
        }
        return document.values(catalog)
    }
}
