import SyncCore

/// Which credential became which device by one token.
///
/// A fleet has as many tokens as terminals, each redeemed once: a table for each of them would take as much as the tokens
/// themselves.
struct Redemptions: Hashable, Sequence, Sendable {
    private enum Kept: Hashable, Sendable {
        case none
        case one(Digest, DeviceID)
        case many([Digest: DeviceID])
    }

    private var kept = Kept.none

    var count: Int {
        switch kept {
        case .none: 0
        case .one: 1
        case .many(let table): table.count
        }
    }

    subscript(credential: Digest) -> DeviceID? {
        switch kept {
        case .none: nil
        case .one(let known, let device): known == credential ? device : nil
        case .many(let table): table[credential]
        }
    }

    mutating func add(_ credential: Digest, _ device: DeviceID) {
        switch kept {
        case .none: kept = .one(credential, device)
        case .one(credential, _): kept = .one(credential, device)
        case .one(let first, let other): kept = .many([first: other, credential: device])
        case .many(var table):
            // Not held twice while it grows.
            kept = .none
            table[credential] = device
            kept = .many(table)
        }
    }

    func makeIterator() -> AnyIterator<(credential: Digest, device: DeviceID)> {
        switch kept {
        case .none: AnyIterator { nil }
        case .one(let credential, let device): AnyIterator([(credential: credential, device: device)].makeIterator())
        case .many(let table): AnyIterator(table.lazy.map { (credential: $0.key, device: $0.value) }.makeIterator())
        }
    }
}
