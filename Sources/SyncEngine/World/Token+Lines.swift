import SyncCore

extension Token {
    /// The token, and a line a redemption: one token may let a whole fleet in.
    var lines: [JSONValue] {
        var members = grant.json.object ?? [:]
        if isRevoked { members["revoked"] = .bool(true) }
        let redeemed = redemptions.map { (credential: $0.credential.description, device: $0.device) }
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
        self.init(id: id, grant: grant, isRevoked: line.members["revoked"] == .bool(true))
    }
}
