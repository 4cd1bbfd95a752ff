import SyncCore
import SyncEngine
import TestSupport
import Testing

/// A plan reaches into records: which come, go and change, for how many devices.
@Suite struct PlanInsideTests {
    @Test func `records that go and fields that change are counted over all classes`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g"), bench.row(2, "/g"), bench.row(3, "/p")])])
            for number in 1...3 { _ = try await bench.enrol(number, credential: number) }
            let (all, own) = (try reference("/:apps"), try reference("/p:own"))
            try await bench.change([
                .putPolicy(all, apps(["a": "AVAILABLE", "b": "AVAILABLE", "c": "AVAILABLE"])),
                .bind(all, .unit(.root), nil),
                .putPolicy(own, apps(["b": "AVAILABLE", "d": "KIOSK"])), .bind(own, .unit(try bench.path("/p")), nil),
            ])
            let plan = try await bench.plan([.putPolicy(all, apps(["a": "BLOCKED", "c": "AVAILABLE"]))])
            let inside = try #require(plan.inside.first)
            #expect(inside.key == "applications" && inside.unread == 0 && plan.inside.count == 1)
            let told = inside.parts.map { ($0.part.kind, $0.part.name, $0.devices) }
            #expect(told.map(\.0) == [.removed, .changed] && told.map(\.1) == [.string("b"), .string("a")])
            #expect(told.map(\.2) == [2, 3], "in /p another policy keeps b")
            #expect(inside.parts[1].part.fields.first?.before == .string("AVAILABLE"))
            #expect(inside.parts[1].part.fields.first?.after == .string("BLOCKED"))
        }
    }

    @Test func `what has no effect inside a merged setting is told field by field`() async throws {
        try await Bench.with { bench in
            try await bench.change([.provision([bench.row(1, "/g")])])
            _ = try await bench.enrol(1, credential: 1)
            let (all, own) = (try reference("/:apps"), try reference("/g:own"))
            try await bench.change([
                .putPolicy(all, apps(["a": "BLOCKED", "b": "BLOCKED"])), .bind(all, .unit(.root), nil),
            ])
            let bind = Edit.bind(own, .unit(try bench.path("/g")), nil)
            let part = try #require(
                try await bench.plan([.putPolicy(own, apps(["a": "AVAILABLE", "z": "KIOSK"])), bind]).contested.first
            ).contest
            #expect(part.isLost && part.sides.map(\.loss) == [nil, nil] && part.partCount == 1)
            #expect(part.parts.map(\.name) == [.string("a")] && part.parts.map(\.field) == ["installType"])
            #expect(part.parts[0].sides.map(\.loss) == [nil, .lessStrict])
            let none = try #require(
                try await bench.plan([.putPolicy(own, apps(["a": "AVAILABLE"])), bind]).contested.first
            ).contest
            #expect(none.isLost && none.sides.map(\.loss) == [nil, .nothingCounts])
            let apart = try await bench.plan([.putPolicy(own, apps(["z": "KIOSK"])), bind])
            #expect(apart.contested.isEmpty, "other records are no contest")
        }
    }

    @Test func `a plan over many classes of many elements stays bounded, and counts what it left out`() async throws {
        try await Bench.with { bench in
            let units = try (0..<12).map { try bench.path("/g/u\($0)") }
            try await bench.change(units.map(Edit.createUnit))
            try await bench.change([.provision(units.indices.map { bench.row($0 + 1, "/g/u\($0)") })])
            for number in units.indices { _ = try await bench.enrol(number + 1, credential: number + 1) }
            let all = try reference("/:types")
            try await bench.change([
                .putPolicy(all, types((0..<9_999).map { "t\($0)" })), .bind(all, .unit(.root), nil),
            ])
            for (index, unit) in units.enumerated() {
                let own = try reference("\(unit):own")
                try await bench.change([.putPolicy(own, types(["own\(index)"])), .bind(own, .unit(unit), nil)])
            }
            let plan = try await bench.plan([.putPolicy(all, types((0..<9_999).map { "u\($0)" }))])
            let inside = try #require(plan.inside.first)
            #expect(plan.changed == 12 && inside.unread > 0 && inside.unread < 12, "\(inside.unread)")
            let gone = inside.parts.filter { $0.part.kind == .removed }
            #expect(gone.count == 9_999 && gone.allSatisfy { $0.devices == 12 - inside.unread })
        }
    }

    private func types(_ names: [String]) -> JSONValue {
        .object(["settings": .object(["accountTypesWithManagementDisabled": .array(names.map(JSONValue.string))])])
    }

    private func reference(_ text: String) throws -> PolicyReference { try #require(PolicyReference(text)) }

    private func apps(_ types: [String: String]) -> JSONValue {
        .object([
            "settings": .object([
                "applications": .array(
                    types.sorted { $0.key < $1.key }.map { name, type in
                        .object(["packageName": .string(name), "installType": .string(type)])
                    })
            ])
        ])
    }
}
