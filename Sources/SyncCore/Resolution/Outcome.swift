/// What a strategy makes of some contributions: the value, and who had no part in it.
struct Outcome {
    /// Nil where the rules leave the setting unset.
    let value: JSONValue?
    /// Why one of the contributions has no part in the value.
    let loss: (Contribution) -> ResolvedSetting.Loss?

    init(value: JSONValue?, loss: @escaping (Contribution) -> ResolvedSetting.Loss?) {
        self.value = value
        self.loss = loss
    }

    /// Everybody's value went into the result.
    static func merged(_ value: JSONValue) -> Outcome { Outcome(value: value) { _ in nil } }

    /// One of the values is the result; whoever says another lost to it.
    static func chosen(_ value: JSONValue) -> Outcome {
        Outcome(value: value) { $0.value == value ? nil : .lessStrict }
    }

    /// One contributor's value is the result, if it has one.
    static func from(
        _ winner: Contribution?, _ contributions: [Contribution],
        loss: @escaping (Contributor) -> ResolvedSetting.Loss
    ) -> Outcome {
        guard let contributor = winner?.contributor else { return Outcome(value: nil) { _ in nil } }
        return Outcome(value: contributions.first { $0.contributor == contributor }?.value) {
            $0.contributor == contributor ? nil : loss(contributor)
        }
    }

    /// The highest authority's value is the result.
    static func authority(_ contributions: [Contribution]) -> Outcome {
        guard let winner = contributions.highestAuthority() else { return Outcome(value: nil) { _ in nil } }
        return Outcome(value: winner.value) { contribution in
            if contribution == winner { return nil }
            return winner.isEnforced
                ? .enforcedElsewhere(by: winner.contributor) : .outranked(by: winner.contributor)
        }
    }

    /// The latest write is the result, unless somebody enforces a value.
    static func latest(_ contributions: [Contribution]) -> Outcome {
        if contributions.contains(where: \.isEnforced) { return authority(contributions) }
        guard let winner = contributions.min(by: { $0.isLater(than: $1) }) else {
            return Outcome(value: nil) { _ in nil }
        }
        return Outcome(value: winner.value) { $0 == winner ? nil : .writtenEarlier(than: winner.contributor) }
    }
}
