extension UserEdit {
    /// The places that the edit writes, with values in normal form.
    func writes(_ catalog: Catalog) throws(UserRejection) -> [UserWrite] {
        guard let setting = catalog.settings[key] else {
            throw UserRejection(.unknownSetting, expected: "a setting of the catalog")
        }
        guard let shape = setting.userShape else {
            throw UserRejection(.notWritable, expected: "a setting that users write")
        }
        guard shape.operations.contains(operation) else {
            let names = shape.operations.map(\.rawValue).joined(separator: ", ")
            throw UserRejection(.wrongValue, expected: "one of the operations \(names)")
        }
        switch shape {
        case .register: return [UserWrite(place: UserPlace(key: key), value: try registerValue(setting))]
        case .set(let element):
            return try elements(of: .set(of: element)).map { presence($0, isThere: operation == .add) }
        case .records(let shape): return try records(shape)
        }
    }

    private func registerValue(_ setting: Setting) throws(UserRejection) -> JSONValue? {
        guard operation == .set else {
            guard value == nil else { throw UserRejection(.wrongValue, expected: "no value") }
            return nil
        }
        let normal = try normalized(value, as: setting.type)
        if let range = setting.range, let number = normal.integer, !range.contains(number) {
            throw UserRejection(
                .outOfBounds, expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return normal
    }

    private func elements(of type: ValueType) throws(UserRejection) -> [JSONValue] {
        guard let elements = try normalized(value, as: type).array, !elements.isEmpty else {
            throw UserRejection(.wrongValue, expected: "at least one element")
        }
        return elements
    }

    private func records(_ shape: ValueType.RecordShape) throws(UserRejection) -> [UserWrite] {
        guard operation != .remove else {
            return try elements(of: .set(of: shape.keyTypes[0])).map { presence($0, isThere: false) }
        }
        guard value?[UserShape.deleted] == nil else {
            throw UserRejection(.wrongValue, expected: "a record without \(UserShape.deleted): remove says that")
        }
        guard let record = try normalized(value.map { .array([$0]) }, as: .records(shape)).array?.first,
            let name = record[shape.key[0]]
        else { throw UserRejection(.wrongValue, expected: "a record with \(shape.key[0])") }
        let fields = shape.fields.keys.filter { $0 != UserShape.deleted }.sorted { $0.precedesInBytes($1) }
        let stated = operation == .put ? fields : fields.filter { record[$0] != nil }
        return [presence(name, isThere: true)]
            + stated.map { UserWrite(place: UserPlace(key: key, member: name, field: $0), value: record[$0]) }
    }

    private func presence(_ member: JSONValue, isThere: Bool) -> UserWrite {
        UserWrite(place: UserPlace(key: key, member: member), value: isThere ? .bool(true) : nil)
    }

    private func normalized(_ value: JSONValue?, as type: ValueType) throws(UserRejection) -> JSONValue {
        var normalizer = Normalizer()
        if let value, value.depth > Limits.valueDepth {
            throw UserRejection(.wrongValue, expected: "at most \(Limits.valueDepth) levels of nesting")
        }
        guard let value, let normal = normalizer.normalize(value, as: type, at: key) else {
            throw UserRejection(.wrongValue, expected: normalizer.problems.first?.expected ?? type.description)
        }
        if let problem = normalizer.problems.first {
            throw UserRejection(.wrongValue, expected: "\(problem.path): \(problem.expected)")
        }
        return normal
    }
}
