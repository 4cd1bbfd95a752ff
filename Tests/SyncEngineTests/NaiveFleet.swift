import SyncCore
import SyncEngine

/// What a fleet must hold, worked out with lists and nothing else: no World, cohort, class or cache.
struct NaiveFleet {
    struct Terminal {
        var unit: OrgPath
        var tags: Set<Tag>
        var facts = Facts.none
        var isEnrolled = false
    }

    struct Binding {
        let policy: PolicyReference
        let target: Assignment.Target
        let selector: Selector?
    }

    let catalog: Catalog
    var units: [OrgPath] = []
    var policies: [PolicyReference: [String: Layer.Entry]] = [:]
    var bindings: [Binding] = []
    var terminals: [DeviceID: Terminal] = [:]
    private var writes: UInt64 = 0

    init(catalog: Catalog) { self.catalog = catalog }

    mutating func put(_ reference: PolicyReference, _ body: PolicyBody) {
        let before = policies[reference] ?? [:]
        var after: [String: Layer.Entry] = [:]
        for (key, value) in body.values.sorted(by: { $0.key.precedesInBytes($1.key) }) {
            writes += 1
            let isSame = before[key]?.value == value
            after[key] = Layer.Entry(
                value: value, seq: isSame ? before[key]?.seq ?? 0 : writes, isEnforced: body.enforced.contains(key))
        }
        policies[reference] = after
    }

    /// What another place's policies say to the device alone ends with the move.
    mutating func move(_ device: DeviceID, to unit: OrgPath) {
        guard terminals[device]?.unit != unit else { return }
        terminals[device]?.unit = unit
        bindings.removeAll { $0.target == .device(device) && !$0.policy.owner.contains(unit) }
    }

    mutating func bind(_ binding: Binding) {
        let isKnown = bindings.contains {
            $0.policy == binding.policy && $0.target == binding.target && $0.selector == binding.selector
        }
        if !isKnown { bindings.append(binding) }
    }

    func document(of id: DeviceID) -> JSONValue {
        terminals[id] == nil ? .null : Resolver.resolve(layers(of: id), catalog: catalog).document
    }

    /// Whether a policy is bound to where a terminal is.
    func reaches(_ policy: PolicyReference, _ id: DeviceID) -> Bool {
        layers(of: id).contains { $0.contributor.name == policy.description }
    }

    private func layers(of id: DeviceID) -> [Layer] {
        guard let terminal = terminals[id] else { return [] }
        return bindings.compactMap { binding -> Layer? in
            let place: (priority: Int, depth: Int)
            switch binding.target {
            case .device(let device):
                guard device == id else { return nil }
                place = (60, 9)
            case .unit(let path):
                guard path == .root || (terminal.unit.text + "/").hasPrefix(path.text + "/") else { return nil }
                if let selector = binding.selector, !selector.present.isSubset(of: terminal.tags) { return nil }
                if let selector = binding.selector, !selector.absent.isDisjoint(with: terminal.tags) { return nil }
                if let selector = binding.selector, !Self.hold(selector.facts, terminal.facts) { return nil }
                let depth = path.text.split(separator: "/").count
                place = (binding.selector != nil ? 50 : min(10 + 10 * depth, 40), depth)
            }
            return Layer(
                contributor: Contributor(
                    name: binding.policy.description, priority: place.priority, depth: place.depth),
                entries: policies[binding.policy] ?? [:])
        }
    }

    /// The conditions in words, each asked by itself.
    private static func hold(_ terms: [FactTerm], _ facts: Facts) -> Bool {
        terms.allSatisfy { term in
            switch term.description {
            case "fact.apiLevel<33": facts.apiLevel.map { $0 < 33 } ?? false
            case "fact.apiLevel>=33": facts.apiLevel.map { $0 >= 33 } ?? false
            case "fact.formFactor=tablet": facts.formFactor == .tablet
            default: false
            }
        }
    }

    var documents: [DeviceID: JSONValue] {
        Dictionary(uniqueKeysWithValues: terminals.keys.map { ($0, document(of: $0)) })
    }
}
