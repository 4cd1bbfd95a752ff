import SyncCore

/// Where a unit stands in the tree's table; units are never removed, so it stays valid.
public struct UnitID: Hashable, Sendable {
    let index: Int32
    static let root = UnitID(index: 0)
}

/// The org units, and which assignments are bound at each.
struct UnitTree: Sendable {
    struct Node: Sendable {
        let path: OrgPath
        let parent: UnitID?
        /// Assignments bound here, in order of their ids.
        var assignments: [AssignmentID] = []
    }

    private(set) var nodes: [Node] = [Node(path: .root, parent: nil)]
    private var ids: [OrgPath: UnitID] = [.root: .root]

    subscript(id: UnitID) -> Node { nodes[Int(id.index)] }

    func id(of path: OrgPath) -> UnitID? { ids[path] }

    /// What is bound at this unit and at those above it, the root last.
    func assignments(reaching id: UnitID) -> [AssignmentID] {
        var reaching: [AssignmentID] = []
        var next: UnitID? = id
        while let id = next {
            // No node is copied: after a push every cohort comes by here.
            reaching += nodes[Int(id.index)].assignments
            next = nodes[Int(id.index)].parent
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
        nodes[Int(id.index)].assignments.append(assignment)
    }

    mutating func unbind(_ assignment: AssignmentID, at path: OrgPath) {
        guard let id = ids[path] else { return }
        nodes[Int(id.index)].assignments.removeAll { $0 == assignment }
    }
}
