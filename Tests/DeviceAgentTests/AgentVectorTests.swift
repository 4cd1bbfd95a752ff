import DeviceAgent
import Foundation
import SyncCore
import SyncProtocol
import TestSupport
import Testing

/// The vectors that say what an agent does: the shipped machine passes them as any other must.
@Suite struct AgentVectorTests {
    private let catalog: Catalog

    init() throws { catalog = try Catalog.embedded() }

    @Test func `an agent does what the vectors state`() throws {
        let text = try Repository.text(of: "Protocol/Vectors/agent.json")
        let cases = try #require(try JSONReader.read(Array(text.utf8))["cases"]?.array)
        #expect(cases.count >= 18)
        for entry in cases {
            let about = entry["about"]?.string ?? ""
            var handset = Handset(secrets: Said.secrets(), catalog: catalog)
            _ = handset.received(Said.enrolled)
            for (index, step) in try #require(entry["steps"]?.array, "\(about)").enumerated() {
                try check(step, of: &handset, "\(about): step \(index + 1)")
            }
        }
    }

    private func check(_ step: JSONValue, of handset: inout Handset, _ place: Comment) throws {
        if let edit = step["edit"] {
            handset.edit(try #require(UserEdit(edit), place), claimed: nil)
        } else {
            let done = handset.received(try reply(try #require(step["reply"], place), place))
            #expect(Self.described(done) == step["then"], place)
        }
        if let next = step["next"] { #expect(Self.described(handset.next()) == next, place) }
        if let holds = step["holds"]?.string { #expect(handset.digest?.description == holds, place) }
        if let user = step["user"] { #expect(.object(handset.user.values(catalog)) == user, place) }
    }

    private func reply(_ json: JSONValue, _ place: Comment) throws -> Handset.Reply {
        let status = Int(try #require(json["status"]?.integer, place))
        let body = json["body"].map(CanonicalWriter.bytes) ?? Array((json["text"]?.string ?? "").utf8)
        return Handset.Reply(status: status, retryAfter: json["retryAfter"]?.integer.map { Int($0) }, body: body)
    }

    /// A step in the words of the vectors.
    private static func described(_ step: Handset.Step) -> JSONValue {
        switch step {
        case .enrol(let request): return .object(["enrol": request.json])
        case .checkIn(let checkIn):
            var members: [String: JSONValue] = [
                "have": .string(checkIn.have.description), "delta": .bool(checkIn.acceptsDelta),
            ]
            members["tag"] = checkIn.tag.map(JSONValue.string)
            return .object(["checkIn": .object(members)])
        case .report(let request):
            let json = request.json
            var members: [String: JSONValue] = [:]
            for name in ["have", "user", "edits"] { members[name] = json[name] }
            members["failed"] = json["report"]?["failed"]?["digest"]
            return .object(["report": .object(members)])
        case .rest(let seconds): return .object(["wait": .integer(Int64(seconds))])
        case .backOff(let ceiling): return .object(["backOff": .integer(Int64(ceiling))])
        }
    }
}
