import HashTreeCollections
import Hummingbird
import SyncCore
import SyncEngine
import SyncProtocol
import SyncStore

extension OperatorRoutes {
    /// `GET /v1/devices`: a page, in order of id.
    func devices(_ request: Request) async throws -> Response {
        let author = try author(request)
        let query = try Query(
            request,
            known: [
                "under", "tag", "state", "serial", "model", "standing", "policy", "nonCompliant", "silentFor", "after",
                "limit", "count",
            ])
        let filter = try deviceFilter(query, author)
        let limit = try query.integer("limit", 1...WireLimits.pageRows, default: 100)
        let after = try query.optional("after", "a device such as d12") { DeviceID($0) }
        let isCounted = try query.optional("count", "true or false") { Bool($0) } ?? false
        let page = try await engine.devices(under: filter.scope, after: after, limit: limit, isCounted: isCounted) {
            filter.matches($0, &$1)
        }
        var answer: [String: JSONValue] = ["devices": .array(page.rows.map(row))]
        answer["total"] = page.total.map { .integer(Int64($0)) }
        answer["next"] = page.next.map { .string($0.description) }
        return Answer.json(.object(answer))
    }

    /// `GET /v1/devices/ID`: all that is known of one.
    func device(_ request: Request, _ id: String?) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["at"])
        let world = try await world(at: query)
        let device = try readableDevice(id, author, in: world)
        var members = summary(device).object ?? [:]
        members["at"] = .integer(Int64(world.seq))
        members["facts"] = device.facts.json
        members["enrolment"] = .integer(Int64(device.enrolment))
        members["revision"] = .integer(Int64(device.revision))
        let resolution = try engine.explain(device.id, for: author, in: world)
        let digest = Digest(hashing: CanonicalWriter.bytes(of: resolution.document))
        guard query["at"] == nil else {
            // What it said of itself then is not in the log.
            members["policy"] = .object(["must": .string(digest.description)])
            return Answer.json(.object(members))
        }
        let known = engine.known(of: device)
        members["policy"] = .object([
            "must": .string(digest.description),
            "holds": .string(known?.held?.description ?? "-"),
            "standing": .string(engine.standing(of: device, must: digest).rawValue),
        ])
        if let seen = known?.lastSeen, seen > 0 { members["lastSeen"] = .integer(seen) }
        if device.state == .provisioned || device.state == .revoked, let token = world.ownToken(of: device.id) {
            members["token"] = .object([
                "token": .string(token.id.description), "state": .string(token.state(at: engine.now()).rawValue),
                "expires": .integer(token.grant.expires),
            ])
        }
        if let refused = engine.refusals.last(of: device.id) {
            members["refusedEnrolment"] = .object([
                "at": .integer(refused.at), "code": .string(Problem(refused.why).code),
                "detail": .string(Problem(refused.why).detail),
            ])
        }
        if let report = try await engine.report(of: device.id),
            let body = try? JSONReader.read(report.body, within: .stored)
        {
            members["report"] = body
        }
        return Answer.json(.object(members))
    }

    /// `GET /v1/devices/ID/explain`: who decided each setting; of one setting also each record, field and element.
    func explain(_ request: Request, _ id: String?) async throws -> Response {
        let author = try author(request)
        let query = try Query(request, known: ["setting", "record", "at"])
        let world = try await world(at: query)
        let device = try readableDevice(id, author, in: world)
        let resolution = try engine.explain(device.id, for: author, in: world)
        let setting = query["setting"]
        if let setting, world.catalog.settings[setting] == nil {
            throw Problem(404, "unknown-setting", "query setting: \(setting.prefix(128)) is not in the catalog")
        }
        guard setting != nil || query["record"] == nil else {
            throw Problem(400, "malformed", "query record: found no setting, expected the setting that it is a part of")
        }
        let depth = Explanation.Depth(setting: setting, record: query["record"])
        let explanation = Explanation(resolution, world.catalog, depth: depth) { name, key in
            guard let policy = PolicyReference(name).flatMap({ world.policy($0) }), let setting = policy.settings[key]
            else { return .unknown }
            return Explanation.Source(
                author: setting.written.flatMap { self.author($0.author, of: policy.reference.owner, for: author) },
                received: setting.written?.received,
                conflict: setting.siblings.isEmpty ? nil : conflict(key, setting, of: policy, for: author))
        }
        var settings = explanation.json.object ?? [:]
        // What a user set in the past is not kept.
        if query["at"] == nil { try await addUser(to: &settings, of: device, UserBounds(resolution, world.catalog)) }
        return Answer.json(
            .object([
                "device": .string(device.id.description), "unit": .string(device.unit.text),
                "at": .integer(Int64(world.seq)), "settings": .object(settings),
            ]))
    }

    /// A line of the list: of an enrolled device also how it stands, and when it was heard of.
    private func row(_ row: DevicePage.Row) -> JSONValue {
        var members = summary(row.device).object ?? [:]
        members["standing"] = row.standing.map { .string($0.rawValue) }
        members["lastSeen"] = row.lastSeen.map(JSONValue.integer)
        return .object(members)
    }

    private func summary(_ device: Device) -> JSONValue {
        var members: [String: JSONValue] = [
            "device": .string(device.id.description), "state": .string(device.state.rawValue),
            "unit": .string(device.unit.text), "tags": device.tags.json,
        ]
        members["serial"] = device.serial.map(JSONValue.string)
        members["model"] = (device.model ?? device.facts.model).map(JSONValue.string)
        return .object(members)
    }
}
