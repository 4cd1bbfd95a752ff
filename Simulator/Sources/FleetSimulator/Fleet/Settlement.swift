import SyncClient
import SyncCore
import SyncProtocol

/// Makes a fleet known to a server, through the operators' API: its units, and its terminals as delivered lots.
struct Settlement {
    /// Edits of one change set when units are made.
    private static let unitsAtOnce = 5_000

    let client: OperatorClient
    let fleet: Fleet
    /// Milliseconds since 1970 until which the tokens are good.
    let expires: Int64
    /// Of several processes the first makes the units; each brings its own terminals.
    var share = Share.whole
    var meet: @Sendable (String) async -> Void = { _ in }

    func settle() async throws {
        if share.isFirst { try await makeUnits() }
        await meet("the units are made")
        try await provision()
    }

    private func makeUnits() async throws {
        for start in stride(from: 0, to: fleet.units.count, by: Self.unitsAtOnce) {
            let part = fleet.units[start..<min(start + Self.unitsAtOnce, fleet.units.count)]
            try await change("units-\(start)", part.map(Edit.createUnit))
        }
    }

    private func provision() async throws {
        let rows = fleet.members.map { member in
            Provision(
                serial: member.serial, model: member.model, unit: member.unit, tags: member.tags,
                tokenHash: Secret.hash(member.secrets.token), expires: expires)
        }
        try await change(share.isWhole ? "lot" : "lot-\(share)", [.provision(rows)])
    }

    private func change(_ name: String, _ edits: [Edit]) async throws {
        let request = ChangeRequest(intent: "fleet-\(fleet.seed)-\(fleet.members.count)-\(name)", edits: edits)
        _ = try await client.change(request)
    }
}
