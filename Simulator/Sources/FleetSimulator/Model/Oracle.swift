import SyncCore

/// Says what every handset must hold, from what the scenario did and nothing else.
///
/// It walks the tree and the selectors for each handset anew, without a World, a cohort or a cache, and resolves with a
/// resolver of its own. What it says is compared with what the handset computed from its own bytes.
struct Oracle: Sendable {
    /// A policy that the scenario pushed somewhere.
    struct Push: Sendable {
        let policy: PolicyReference
        let target: OrgPath
        let selector: Selector?
    }

    private let catalog: Catalog
    private var bodies: [PolicyReference: PolicyBody] = [:]
    private var orders: [PolicyReference: [String: Int]] = [:]
    private var pushes: [Push] = []
    private var writes = 0

    init(catalog: Catalog) { self.catalog = catalog }

    /// The scenario pushed a policy.
    mutating func pushed(_ push: Push, _ json: JSONValue) throws {
        let body = try PolicyReader.read(json, catalog: catalog).body
        for key in body.values.keys where bodies[push.policy]?.values[key] != body.values[key] {
            writes += 1
            orders[push.policy, default: [:]][key] = writes
        }
        bodies[push.policy] = body
        let isKnown = pushes.contains {
            $0.policy == push.policy && $0.target == push.target && $0.selector == push.selector
        }
        if !isKnown { pushes.append(push) }
    }

    /// Shared policies ended so; their writes came after every push.
    mutating func settled(
        _ policies: [(Stage.Shared, [String: (value: JSONValue, isEnforced: Bool, seq: Seq)])]
    ) {
        for (shared, settings) in policies {
            bodies[shared.reference] = PolicyBody(
                values: settings.mapValues(\.value), enforced: Set(settings.filter(\.value.isEnforced).map(\.key)))
            orders[shared.reference] = settings.mapValues { writes + Int($0.seq) }
            pushes.append(Push(policy: shared.reference, target: shared.target, selector: nil))
        }
    }

    /// The digest that a handset must hold.
    func digest(for member: Fleet.Member) -> Digest {
        Digest(hashing: CanonicalWriter.bytes(of: .object(document(for: member))))
    }

    /// The policy that a handset must hold.
    func document(for member: Fleet.Member) -> [String: JSONValue] {
        let layers = pushes.compactMap { push -> PlainResolver.Layer? in
            guard Self.lies(member.unit, under: push.target), let body = bodies[push.policy] else { return nil }
            if let selector = push.selector {
                guard selector.present.allSatisfy(member.tags.contains),
                    !selector.absent.contains(where: member.tags.contains)
                else { return nil }
            }
            let depth = push.target.text.split(separator: "/").count
            let priority = push.selector != nil ? 50 : depth == 0 ? 10 : depth == 1 ? 20 : depth == 2 ? 30 : 40
            return PlainResolver.Layer(
                priority: priority, depth: depth, values: body.values, enforced: body.enforced,
                order: orders[push.policy] ?? [:])
        }
        return PlainResolver(catalog: catalog, layers: layers).document()
    }

    /// What all must hold, worked out on several threads.
    func digests(for fleet: Fleet) async -> [Digest] {
        let workers = 4
        let parts = await withTaskGroup(of: (Int, [Digest]).self) { group in
            let size = (fleet.members.count + workers - 1) / workers
            for worker in 0..<workers {
                group.addTask {
                    let range = min(worker * size, fleet.members.count)..<min((worker + 1) * size, fleet.members.count)
                    return (worker, fleet.members[range].map(digest))
                }
            }
            var parts: [Int: [Digest]] = [:]
            for await (worker, digests) in group { parts[worker] = digests }
            return parts
        }
        return (0..<workers).flatMap { parts[$0] ?? [] }
    }

    private static func lies(_ unit: OrgPath, under target: OrgPath) -> Bool {
        var current: OrgPath? = unit
        while let path = current {
            if path == target { return true }
            current = path.parent
        }
        return false
    }
}
