import HashTreeCollections
import SyncCore

/// Where a unit stands in the tree's table; units are never removed, so it stays valid.
public struct UnitID: Hashable, Sendable {
    let index: Int32
    public static let root = UnitID(index: 0)
}

/// The org units, and which assignments are bound at each.
struct UnitTree: Sendable {
    struct Node: Sendable {
        let path: OrgPath
        let parent: UnitID?
    }

    /// A unit comes after its parent.
    private(set) var nodes: [Node] = [Node(path: .root, parent: nil)]
    private var ids: [OrgPath: UnitID] = [.root: .root]
    /// Assignments by the unit where they are bound, in order of their ids. Apart from the nodes, which a binding would
    /// copy.
    private(set) var bound: TreeDictionary<UnitID, [AssignmentID]> = [:]

    subscript(id: UnitID) -> Node { nodes[Int(id.index)] }

    func id(of path: OrgPath) -> UnitID? { ids[path] }

    /// The path as the tree has it: a fleet's devices then share one text a unit.
    func shared(_ path: OrgPath) -> OrgPath { id(of: path).map { self[$0].path } ?? path }

    /// This unit and those above it, the root last.
    func selfAndAncestors(of id: UnitID) -> some Sequence<UnitID> {
        sequence(first: id) { nodes[Int($0.index)].parent }
    }

    /// A unit and all below it.
    func subtree(of root: UnitID) -> [UnitID] { subtrees(of: [root]) }

    /// These units and all below them, each once: one pass over the units, however many are asked for.
    func subtrees(of roots: [UnitID]) -> [UnitID] {
        guard let first = roots.min(by: { $0.index < $1.index }) else { return [] }
        guard first != .root else { return nodes.indices.map { UnitID(index: Int32($0)) } }
        var isInside = [Bool](repeating: false, count: nodes.count)
        for root in roots { isInside[Int(root.index)] = true }
        for index in nodes.indices.dropFirst(Int(first.index) + 1) {
            if let parent = nodes[index].parent, isInside[Int(parent.index)] { isInside[index] = true }
        }
        return nodes.indices.filter { isInside[$0] }.map { UnitID(index: Int32($0)) }
    }

    /// What is bound at this unit and at those above it, the root last.
    func assignments(reaching id: UnitID) -> [AssignmentID] {
        var reaching: [AssignmentID] = []
        for unit in selfAndAncestors(of: id) {
            if let here = bound[unit] { reaching += here }
        }
        return reaching
    }

    /// Adds a unit below an existing one; one that exists already stays as it is.
    mutating func add(_ path: OrgPath) {
        guard ids[path] == nil, let parent = path.parent.flatMap({ ids[$0] }) else { return }
        ids[path] = UnitID(index: Int32(nodes.count))
        nodes.append(Node(path: path, parent: parent))
    }

    mutating func bind(_ assignment: AssignmentID, at path: OrgPath) {
        guard let id = ids[path] else { return }
        bound[id, default: []].append(assignment)
    }

    mutating func unbind(_ assignment: AssignmentID, at path: OrgPath) {
        guard let id = ids[path] else { return }
        bound[id]?.removeAll { $0 == assignment }
        if bound[id]?.isEmpty == true { bound[id] = nil }
    }
}
