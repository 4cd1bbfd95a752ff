import HashTreeCollections
import Hummingbird
import SyncCore
import SyncEngine
import SyncProtocol

extension OperatorRoutes {
    /// Says of settings that policies decide what the device's user set, and what holds on the device.
    func addUser(
        to settings: inout [String: JSONValue], of device: Device, _ bounds: UserBounds
    ) async throws {
        let catalog = world.catalog
        guard let values = try await engine.userDocument(of: device.id)?.values(catalog) else { return }
        for (key, value) in values {
            guard var setting = settings[key]?.object else { continue }
            var user = ["value": value]
            user["inForce"] = bounds.inForce(key, user: values, catalog)
            setting["user"] = .object(user)
            settings[key] = .object(setting)
        }
    }

    /// `GET /v1/devices/ID/user`: what the device's user has set, what of it is in force, and what does not count.
    func user(_ request: Request, _ id: String?) async throws -> Response {
        let author = try author(request)
        _ = try Query(request, known: [])
        let world = world
        let device = try readableDevice(id, author, in: world)
        let kept = try await engine.userDocument(of: device.id)
        let document = kept ?? UserDocument(enrolment: device.enrolment, epoch: world.epoch)
        let values = document.values(world.catalog)
        let bounds = UserBounds(try engine.explain(device.id, for: author, in: world), world.catalog)
        let settings = values.map { key, value -> (String, JSONValue) in
            var members = ["value": value]
            members["inForce"] = bounds.inForce(key, user: values, world.catalog)
            return (key, .object(members))
        }
        return Answer.json(
            .object([
                "device": .string(device.id.description), "revision": .integer(Int64(device.userRevision)),
                // Edits count within an enrolment: of the last one's nothing is left to be seen.
                "n": .integer(document.enrolment == device.enrolment ? Int64(document.number) : 0),
                "settings": .object(Dictionary(uniqueKeysWithValues: settings)),
                "siblings": .array(document.visibleSiblings(world.catalog).map(\.json)),
            ]))
    }
}
