/// What an effective policy leaves to its user: as much of it as the edits of user documents are judged by.
///
/// Made once with the document of a class and shared by its devices.
public struct UserBounds: Hashable, Sendable {
    /// The policy's values for settings that users write, and for those that gate or limit them.
    let policy: [String: JSONValue]
    /// Those of them that an enforced policy decided.
    let enforced: Set<String>

    public init(_ resolution: Resolution, _ catalog: Catalog) {
        let settings = resolution.settings.filter { catalog.userKeys.contains($0.key) }
        policy = settings.mapValues(\.value)
        enforced = Set(settings.filter { $0.value.decision.isEnforced }.keys)
    }

    /// The places that an edit writes, or why it does not count.
    func admit(_ edit: UserEdit, _ catalog: Catalog) throws(UserRejection) -> [UserWrite] {
        let writes = try edit.writes(catalog)
        guard let setting = catalog.settings[edit.key] else { return writes }
        if let gate = setting.gate, !gate.isOpen(in: policy, catalog) {
            let expected = "that \(gate.key) is \(CanonicalWriter.text(of: gate.equals)) in the policy"
            throw UserRejection(enforced.contains(gate.key) ? .enforced : .gateClosed, expected: expected)
        }
        if setting.gate == nil, enforced.contains(edit.key) {
            throw UserRejection(.enforced, expected: "the value that the policy enforces")
        }
        if edit.operation == .set, let value = writes.first?.value {
            let laid = UserOverlay.lay([edit.key: value], over: policy, catalog: catalog)[edit.key]
            guard laid == value else {
                throw UserRejection(
                    .outOfBounds, expected: "at most \(laid.map(CanonicalWriter.text) ?? "nothing"), by the policy")
            }
        }
        return writes
    }

    /// Checks an edit that somebody makes for the user.
    public func check(_ edit: UserEdit, _ catalog: Catalog) throws(UserRejection) { _ = try admit(edit, catalog) }

    /// What holds for a setting on the device: its policy with the user's values laid over it.
    public func inForce(_ key: String, user values: [String: JSONValue], _ catalog: Catalog) -> JSONValue? {
        UserOverlay.lay(values, over: policy, catalog: catalog)[key]
    }
}

/// Lays a user's values over an effective policy, as the terminal does and everybody who explains it.
public enum UserOverlay {
    /// What holds: the policy, and of the user's values those whose gate is open, not beyond what the policy asks for.
    ///
    /// A user's write counts after every operator's; a setting that follows another takes it while its gate is open.
    public static func lay(
        _ values: [String: JSONValue], over policy: [String: JSONValue], catalog: Catalog
    ) -> [String: JSONValue] {
        let open = values.filter { key, _ in
            guard let setting = catalog.settings[key], setting.writers.contains(.user) else { return false }
            return setting.gate?.isOpen(in: policy, catalog) ?? true
        }
        guard !open.isEmpty else { return policy }
        let layers = [
            layer("policy", policy, priority: 0), layer("user", open, priority: Contributor.incidentPriority),
        ]
        let resolved = Resolver.resolve(layers, catalog: catalog)
        var laid = policy
        for (key, value) in open {
            if case .follow? = catalog.settings[key]?.strategy {
                laid[key] = value
            } else {
                laid[key] = resolved.settings[key]?.value
            }
        }
        return laid
    }

    private static func layer(_ name: String, _ values: [String: JSONValue], priority: Int) -> Layer {
        Layer(
            contributor: Contributor(name: name, priority: priority), body: PolicyBody(values: values),
            seq: UInt64(priority))
    }
}

extension Setting.Gate {
    /// A setting that nobody sets has the platform's default.
    func isOpen(in policy: [String: JSONValue], _ catalog: Catalog) -> Bool {
        (policy[key] ?? catalog.settings[key]?.defaultValue) == equals
    }
}

extension ResolvedSetting.Decision {
    /// Whether authority decided, and an enforced contribution had it.
    fileprivate var isEnforced: Bool {
        let byAuthority = ["priority", "last-writer", "follow"].contains(strategy)
        return byAuthority && verdicts.contains { $0.loss == nil && $0.contribution.isEnforced }
    }
}
