import SyncCore

extension Token {
    /// The token, and a line a redemption: one token may let a whole fleet in.
    var lines: [JSONValue] {
        var members = grant.json.object ?? [:]
        members["device"] = device.map { .string($0.description) }
        if isRevoked { members["revoked"] = .bool(true) }
        let redeemed = redemptions.map { (credential: $0.key.description, device: $0.value) }
        return [World.line("token", id.description, members)]
            + redeemed.sorted { $0.credential < $1.credential }.map { credential, device in
                let members = ["of": id.description, "device": device.description].mapValues(JSONValue.string)
                return World.line("redemption", credential, members)
            }
    }

    /// A token without its redemptions, which have lines of their own.
    init?(_ line: StateLine) {
        guard let id = TokenID(line.id),
            case .tokenIssued(_, let grant) = line.change("issued")
        else { return nil }
        let device = line.text("device").flatMap { DeviceID($0) }
        self.init(id: id, grant: grant, device: device, isRevoked: line.members["revoked"] == .bool(true))
    }
}
