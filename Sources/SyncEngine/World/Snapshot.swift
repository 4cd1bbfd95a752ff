/// One World as it was published: a reference, so that handing it to every request costs one retain.
public final class Snapshot: Sendable {
    public let world: World

    init(_ world: World) { self.world = world }
}
