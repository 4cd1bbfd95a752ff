import HashTreeCollections
import SyncCore

extension Operator {
    /// Whether an entry of the log concerns this reader's part of the tree.
    public func maySee(_ entry: Entry, in world: World) -> Bool {
        let place: OrgPath? =
            switch Change(entry) {
            case .unitCreated(let path): path
            case .policyCreated(let id, _), .settingSet(let id, _, _, _), .settingRemoved(let id, _),
                .siblingKept(let id, _, _):
                world.policies[id]?.reference.owner
            case .bound(_, let assignment):
                switch assignment.target {
                case .unit(let path): path
                case .device(let id): world.devices[id]?.unit
                }
            case .tokenIssued(_, let grant): grant.unit
            case .deviceProvisioned(let id, _), .deviceEnrolled(let id, _), .deviceMoved(let id, _),
                .deviceTagged(let id, _), .deviceFactsChanged(let id, _), .deviceRevoked(let id),
                .deviceRetired(let id), .userEdited(let id, _, _), .deviceReplaced(let id, _):
                world.devices[id]?.unit
            case .operatorAppointed(let appointed, _): appointed.unit
            case .catalogActivated, .unbound, .tokenRevoked, .operatorDismissed, nil: .root
            }
        return denial(of: .read(place ?? .root)) == nil
    }
}
