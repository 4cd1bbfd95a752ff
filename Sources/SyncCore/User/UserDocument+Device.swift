/// What became of one edit of a device.
public struct UserAnswer: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        case applied
        case rejected(UserRejection)
        /// Not taken: one before it is missing. It is to be sent again after that one.
        case pending
        /// Answered long ago; how is not kept any more.
        case settled
    }

    public let number: UInt64
    public let key: String
    public let outcome: Outcome
    /// For a rejected one: what holds instead on the device; nil where nothing is set.
    public let inForce: JSONValue?

    public init(number: UInt64, key: String, outcome: Outcome, inForce: JSONValue? = nil) {
        self.number = number
        self.key = key
        self.outcome = outcome
        self.inForce = inForce
    }
}

extension UserDocument {
    /// Takes a device's edits one by one, each next one by its number; a rejected one does not hold up those after it.
    ///
    /// Sending the same again changes nothing and is answered as it was.
    public mutating func take(_ edits: [DeviceEdit], within bounds: UserBounds, _ catalog: Catalog) -> [UserAnswer] {
        edits.sorted { $0.number < $1.number }.map { edit in
            let outcome = take(edit, within: bounds, catalog)
            var inForce: JSONValue?
            if case .rejected = outcome { inForce = bounds.inForce(edit.edit.key, user: values(catalog), catalog) }
            return UserAnswer(number: edit.number, key: edit.edit.key, outcome: outcome, inForce: inForce)
        }
    }

    private mutating func take(
        _ edit: DeviceEdit, within bounds: UserBounds, _ catalog: Catalog
    ) -> UserAnswer.Outcome {
        guard edit.number > number else { return repetition(of: edit) }
        guard edit.number == number + 1 else { return .pending }
        number = edit.number
        let rejection = apply(edit, within: bounds, catalog)
        if let rejection {
            keep(Sibling(edit: edit.edit, number: edit.number, claimed: edit.claimed, reason: rejection.reason))
        }
        answered.append(Answered(number: number, fingerprint: edit.edit.fingerprint, rejection: rejection))
        answered.removeFirst(max(0, answered.count - Limits.answeredUserEdits))
        return rejection.map(UserAnswer.Outcome.rejected) ?? .applied
    }

    private func repetition(of edit: DeviceEdit) -> UserAnswer.Outcome {
        guard let known = answered.first(where: { $0.number == edit.number }) else { return .settled }
        guard known.fingerprint == edit.edit.fingerprint else {
            return .rejected(
                UserRejection(.numberTaken, expected: "numbers after \(number): this one was another edit's"))
        }
        return known.rejection.map(UserAnswer.Outcome.rejected) ?? .applied
    }

    private mutating func apply(_ edit: DeviceEdit, within bounds: UserBounds, _ catalog: Catalog) -> UserRejection? {
        do throws(UserRejection) {
            let writes = try bounds.admit(edit.edit, catalog)
            // Nobody has seen what is not there yet.
            let seen = min(edit.seen, revision)
            guard writeWithinLimits(writes, .device, own: edit.number, seen: seen, catalog) else {
                throw .full
            }
            return nil
        } catch {
            return error
        }
    }
}

extension UserEdit {
    /// Tells a repeated edit from another one under the same number.
    var fingerprint: String { Digest(hashing: CanonicalWriter.bytes(of: json)).text(digits: 16) }
}
