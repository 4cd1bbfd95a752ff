extension Setting.Constraint: CustomStringConvertible {
    public var description: String { "\(lower) < \(upper)" }

    /// A record breaks the constraint when it has both fields and the lower one is not below.
    func isBroken(by record: JSONValue) -> Bool {
        guard let low = record.value(at: lower)?.integer, let high = record.value(at: upper)?.integer else {
            return false
        }
        return low >= high
    }
}

extension JSONValue {
    /// The value at a dotted path below this object.
    func value(at path: String) -> JSONValue? {
        path.split(separator: ".").reduce(self as JSONValue?) { $0?[String($1)] }
    }
}

extension Setting {
    /// The value with the destructive side of every record that breaks the constraint taken out, and who broke it.
    ///
    /// The layers that meet in a record may each be sound. A device must get something, and what can erase it is the
    /// side that goes; the plan refuses the write that would make such a record.
    func withoutViolations(
        _ value: JSONValue, _ contributions: [Contribution]
    ) -> (JSONValue, [ConstraintViolation]) {
        guard let constraint, let records = value.array, case .keyedMerge(let key, _) = strategy else {
            return (value, [])
        }
        var violations: [ConstraintViolation] = []
        let kept = records.map { record -> JSONValue in
            guard constraint.isBroken(by: record), var members = record.object else { return record }
            let recordKey = RecordKey(of: record, named: key)
            let culprits = contributions.filter { contribution in
                (contribution.value.array ?? []).contains {
                    RecordKey(of: $0, named: key) == recordKey
                        && ($0.value(at: constraint.lower) == record.value(at: constraint.lower)
                            || $0.value(at: constraint.upper) == record.value(at: constraint.upper))
                }
            }
            violations.append(
                ConstraintViolation(
                    record: recordKey.value(), constraint: constraint.description,
                    contributors: culprits.map(\.contributor)))
            for field in destructiveFields { members[String(field.prefix { $0 != "." })] = nil }
            return .object(members)
        }
        return (.array(kept), violations)
    }
}
