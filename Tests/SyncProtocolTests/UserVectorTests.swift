import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// User documents as the vectors state them; the vectors were computed by another implementation.
@Suite struct UserVectorTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `edits of both sides make what the vectors state, in every order of arrival`() throws {
        var generator = SeededGenerator(for: "user vectors in other orders")
        let cases = try VectorCase.list("merge", of: "user.json")
        #expect(cases.count >= 40)
        let bounds = UserBounds(Resolver.resolve([], catalog: catalog), catalog)
        for entry in cases {
            for _ in 0..<5 {
                var document = UserDocument(enrolment: 1, epoch: 1)
                for step in try arrival(entry, using: &generator) {
                    let edit = try #require(step.json["edit"].flatMap { UserEdit($0) })
                    if try step.text("by") == "device" {
                        let edit = DeviceEdit(number: try step.number("n"), edit: edit, seen: try step.number("seen"))
                        #expect(document.take([edit], within: bounds, catalog).map(\.outcome) == [.applied])
                    } else {
                        try document.take(edit, at: try step.number("seq"), seen: try step.number("seen"), catalog)
                    }
                }
                #expect(JSONValue.object(document.values(catalog)) == entry.json["values"], entry.comment)
                let siblings = document.visibleSiblings(catalog).map(\.edit.json)
                #expect(.array(siblings) == entry.json["siblings"], entry.comment)
            }
        }
    }

    @Test func `an edit is judged as the vectors state`() throws {
        let cases = try VectorCase.list("judge", of: "user.json")
        #expect(cases.count >= 15)
        for entry in cases {
            let policy = PolicyBody(values: entry.json["policy"]?.object ?? [:])
            let layer = Layer(contributor: Contributor(name: "base", priority: 10), body: policy, seq: 1)
            let bounds = UserBounds(Resolver.resolve([layer], catalog: catalog), catalog)
            let edit = try #require(entry.json["edit"].flatMap { UserEdit($0) })
            var document = UserDocument(enrolment: 1, epoch: 1)
            let answer = try #require(
                document.take([DeviceEdit(number: 1, edit: edit, seen: 0)], within: bounds, catalog).first)
            var reason: String?
            if case .rejected(let rejection) = answer.outcome { reason = rejection.reason.rawValue }
            #expect(reason == entry.json["reason"]?.string, entry.comment)
            let inForce = bounds.inForce(edit.key, user: document.values(catalog), catalog)
            #expect(inForce == entry.json["inForce"], entry.comment)
        }
    }

    /// The steps in an order in which they can arrive: each side's own, and what was seen first.
    private func arrival(_ entry: VectorCase, using generator: inout SeededGenerator) throws -> [VectorCase] {
        let steps = (entry.json["steps"]?.array ?? []).map { VectorCase(json: $0) }
        var device = try steps.filter { try $0.text("by") == "device" }[...]
        var log = try steps.filter { try $0.text("by") == "log" }[...]
        var (number, revision): (UInt64, UInt64) = (0, 0)
        var arrived: [VectorCase] = []
        while let step = try Bool.random(using: &generator)
            ? take(&device, upTo: revision) ?? take(&log, upTo: number)
            : take(&log, upTo: number) ?? take(&device, upTo: revision)
        {
            if try step.text("by") == "device" {
                number = try step.number("n")
            } else {
                revision = try step.number("seq")
            }
            arrived.append(step)
        }
        #expect(arrived.count == steps.count, entry.comment)
        return arrived
    }

    private func take(_ side: inout ArraySlice<VectorCase>, upTo seen: UInt64) throws -> VectorCase? {
        guard let first = side.first, try first.number("seen") <= seen else { return nil }
        return side.removeFirst()
    }
}
