import Foundation
import SyncClient
import SyncCore
import SyncProtocol
import Synchronization
import TestSupport
import Testing

/// Whoever may not see a unit learns nothing of what is in it: every question about something there is answered as one
/// about something that is nowhere.
@Suite struct ExistenceTests {
    /// Of each kind a name that is in use in the other unit, and one that is in use nowhere.
    private struct Names {
        let unit: OrgPath
        let policy: PolicyReference
        let device: DeviceID
        let assignment: AssignmentID
        let token: TokenID
        let person: OperatorName
        let serial: String
    }

    private static let (later, hash) = (Int64(4_000_000_000_000), Digest(hashing: Array("probe".utf8)))

    @Test(arguments: Role.allCases) func `whatever is asked about another's unit, nothing tells what is there`(
        role: Role
    ) async throws {
        let server = try await RunningServer.founded()
        let (known, unknown) = try await Self.fill(server)
        let token = TestDevice.secret("operator", 1)
        let unit = try #require(OrgPath("/a"))
        let asks = Operator(name: try #require(OperatorName("eve")), role: role, unit: unit)
        _ = try await server.client().change(
            ChangeRequest(intent: "eve", edits: [.appoint(asks, tokenHash: Digest(hashing: Array(token.utf8)))]))
        let client = OperatorClient(server: server.operatorURL, token: token, timeout: .seconds(20))
        for (there, nowhere) in zip(Self.edits(known, from: unit), Self.edits(unknown, from: unit)) {
            for route in ["plan", "changes"] {
                let found = try await Self.answer(client, route, there.edit)
                let expected = try await Self.answer(client, route, nowhere.edit)
                #expect(
                    Self.neutral(found, known, unknown) == expected, "\(there.name), \(route), \(role)")
            }
        }
        for (there, nowhere) in zip(Self.questions(known), Self.questions(unknown)) {
            let found = try await Self.answer(client, there)
            let expected = try await Self.answer(client, nowhere)
            #expect(Self.neutral(found, known, unknown) == expected, "\(there), \(role)")
        }
    }

    @Test func `every kind of edit and every question about a name is among them`() throws {
        let names = Names(
            unit: .root, policy: try #require(PolicyReference("/:p")), device: DeviceID(seq: 1),
            assignment: AssignmentID(seq: 1), token: TokenID(seq: 1), person: try #require(OperatorName("o")),
            serial: "s")
        // Every route that an operator reads, but those that tell of nobody else.
        let paths = try String(contentsOf: Repository.root.appending(path: "Protocol/openapi.yaml"), encoding: .utf8)
            .matches(of: /\n  (\/\S+):\n    servers: [^\n]*operator listener[^\n]*\n    get:/).map {
                String($0.output.1)
            }
        let asked = Set(Self.questions(names).map { String($0.split(separator: "?")[0]) })
        let expected = Set(paths.map { $0.replacing("{id}", with: names.device.description) }).subtracting([
            "/v1/me", "/health/live", "/health/ready",
        ])
        #expect(expected.count > 12 && expected.subtracting(asked) == [])

        let source = try String(
            contentsOf: Repository.root.appending(path: "Sources/SyncCore/Changes/Edit.swift"), encoding: .utf8)
        let kinds = Set(source.matches(of: /\n    case (\w+)/).map { String($0.output.1) })
        let tried = Set(Self.edits(names, from: .root).map(\.name))
        #expect(!kinds.isEmpty && kinds.subtracting(tried) == [])
    }

    private static func fill(_ server: RunningServer) async throws -> (Names, Names) {
        let client = try server.client()
        let other = try #require(OrgPath("/b"))
        let policy = try #require(PolicyReference("/b:secret"))
        let person = try #require(OperatorName("bob"))
        let edits: [Edit] = [
            .createUnit(try #require(OrgPath("/a"))), .createUnit(other),
            .putPolicy(policy, .object(["maximumTimeToLock": .integer(60_000)])), .bind(policy, .unit(other), nil),
            .issueToken(
                EnrolmentToken(hash: Digest(hashing: [1]), unit: other, tags: [], uses: 5, expires: later)),
            .provision([
                Provision(
                    serial: "S-B-1", model: "m", unit: other, tags: [], tokenHash: Digest(hashing: [2]),
                    expires: later)
            ]),
            .appoint(Operator(name: person, role: .admin, unit: other), tokenHash: Digest(hashing: [3])),
        ]
        _ = try await client.change(ChangeRequest(intent: "fill", edits: edits))
        func id(_ path: String, _ list: String, _ member: String) async throws -> String {
            try #require(try await client.get(path)[list]?.array?.first?[member]?.string)
        }
        let device = try #require(DeviceID(try await id("/v1/devices", "devices", "device")))
        let assignment = try #require(AssignmentID(try await id("/v1/assignments", "assignments", "assignment")))
        let token = try #require(TokenID(try await id("/v1/tokens", "tokens", "token")))
        return (
            Names(
                unit: other, policy: policy, device: device, assignment: assignment, token: token, person: person,
                serial: "S-B-1"),
            Names(
                unit: try #require(OrgPath("/z")), policy: try #require(PolicyReference("/z:nobody")),
                device: DeviceID(seq: 9_999), assignment: AssignmentID(seq: 9_999), token: TokenID(seq: 9_999),
                person: try #require(OperatorName("zed")), serial: "S-Z-1")
        )
    }

    /// One edit of every kind about a thing of each kind.
    private static func edits(_ names: Names, from own: OrgPath) -> [(name: String, edit: Edit)] {
        let body = JSONValue.object(["cameraAccess": .string("CAMERA_ACCESS_DISABLED")])
        let ownPolicy = PolicyReference(owner: own, name: "mine")
        let value = UserEdit("user.language", .set, .string("br"))
        let operators = [Role.viewer, .admin].map { Operator(name: names.person, role: $0, unit: own) }
        let strangers = operators.map { Operator(name: $0.name, role: $0.role, unit: names.unit) }
        return [
            ("createUnit", .createUnit(names.unit)),
            ("putPolicy", .putPolicy(names.policy, body)),
            ("putPolicy", .putPolicy(names.policy, body, base: 1)),
            ("applyPolicy", .applyPolicy(names.policy, body)),
            ("settle", .settle(names.policy, key: "maximumTimeToLock", take: nil)),
            ("bind", .bind(names.policy, .unit(own), nil)),
            ("bind", .bind(names.policy, .unit(names.unit), nil)),
            ("bind", .bind(names.policy, .device(names.device), nil)),
            ("bind", .bind(names.policy, .unit(own), nil, incidentUntil: later)),
            ("unbind", .unbind(names.assignment)),
            (
                "issueToken",
                .issueToken(EnrolmentToken(hash: hash, unit: names.unit, tags: [], uses: 1, expires: later))
            ),
            ("revokeToken", .revokeToken(names.token)),
            ("reissueToken", .reissueToken(names.device, hash: hash, expires: later)),
            (
                "provision",
                .provision([
                    Provision(
                        serial: names.serial, model: "m", unit: names.unit, tags: [], tokenHash: hash, expires: later)
                ])
            ),
            ("tag", .tag(names.device, add: [], remove: [])),
            ("move", .move(names.device, to: own)),
            ("move", .move(names.device, to: names.unit)),
            ("revoke", .revoke(names.device)),
            ("retire", .retire(names.device)),
            ("editUser", .editUser(names.device, value)),
            ("replace", .replace(names.device, with: names.device)),
            ("dismiss", .dismiss(names.person)),
        ] + strangers.map { ("appoint", .appoint($0, tokenHash: hash)) }
            + (ownPolicy.map { [("bind", .bind($0, .device(names.device), nil))] } ?? [])
    }

    /// Every route that takes a name.
    private static func questions(_ names: Names) -> [String] {
        let (unit, policy) = (names.unit.text, names.policy.description)
        let lists = ["units", "policies", "conflicts", "assignments", "tokens", "operators", "devices", "status"]
        return lists.map { "/v1/\($0)?under=\(unit)" } + [
            "/metrics?under=\(unit)", "/v1/policy?name=\(policy)", "/v1/policy?name=\(policy)&at=1",
            "/v1/policy/history?name=\(policy)", "/v1/assignments?policy=\(policy)",
            "/v1/devices?serial=\(names.serial)",
            "/v1/devices?after=\(names.device)", "/v1/devices/\(names.device)", "/v1/devices/\(names.device)?at=1",
            "/v1/devices/\(names.device)/explain", "/v1/devices/\(names.device)/explain?setting=cameraAccess",
            "/v1/devices/\(names.device)/user", "/v1/log?subject=\(names.device)", "/v1/log?subject=policy/\(policy)",
            "/v1/log?author=\(names.person)", "/v1/log?under=\(unit)",
        ]
    }

    private static func answer(_ client: OperatorClient, _ route: String, _ edit: Edit) async throws -> String {
        let request = ChangeRequest(intent: "probe-\(UUID())", edits: [edit])
        do throws(OperatorClient.Failure) {
            let done = route == "plan" ? try await client.plan(request) : try await client.change(request)
            return CanonicalWriter.text(of: done)
        } catch {
            return "\(error)"
        }
    }

    private static func answer(_ client: OperatorClient, _ question: String) async throws -> String {
        let parts = question.split(separator: "?", maxSplits: 1)
        let query = (parts.count == 2 ? parts[1].split(separator: "&") : []).map { pair -> (String, String?) in
            let sides = pair.split(separator: "=", maxSplits: 1)
            return (String(sides[0]), String(sides[1]))
        }
        do throws(OperatorClient.Failure) {
            return CanonicalWriter.text(of: try await client.get(String(parts[0]), query))
        } catch {
            return "\(error)"
        }
    }

    /// The answer as it would be about the other names.
    private static func neutral(_ answer: String, _ known: Names, _ unknown: Names) -> String {
        [
            (known.policy.description, unknown.policy.description), (known.unit.text, unknown.unit.text),
            (known.device.description, unknown.device.description),
            (known.assignment.description, unknown.assignment.description),
            (known.token.description, unknown.token.description), (known.person.text, unknown.person.text),
            (known.serial, unknown.serial),
        ].reduce(answer) { $0.replacing($1.0, with: $1.1) }
    }
}
