import SyncStore

/// A store around another, which does something of its own in some calls and passes on the others.
public protocol StoreWrapper: Store {
    var base: any Store { get }
}

extension StoreWrapper {
    public func read<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try await base.read(body)
    }

    public func lookUp<T: Sendable>(_ body: @escaping @Sendable (any StoreReader) throws -> T) async throws -> T {
        try await base.lookUp(body)
    }

    public func commit(_ commit: Commit) async throws -> Commit.Outcome { try await base.commit(commit) }

    public func compact(to floor: Floor, replacing before: Floor?, state: [[UInt8]]) async throws -> Bool {
        try await base.compact(to: floor, replacing: before, state: state)
    }

    public func image() async throws -> [UInt8]? { try await base.image() }

    public func keep(image: [UInt8]) async throws { try await base.keep(image: image) }

    public var checkpointFailure: String? { base.checkpointFailure }

    public func sortReports(atLeast count: Int) async throws { try await base.sortReports(atLeast: count) }
}
