import SyncCore
import SyncStore

/// Reports: whichever order they come in, and whatever the store does with them meanwhile.
extension StoreConformance {
    func newestReport(_ store: any Store) async throws -> [String] {
        let nextEnrolment = Samples.report(device: 7, number: 1, enrolment: 9)
        let other = Samples.report(device: 3, number: 1)
        try await store.keep { commit in
            commit.reports = ([2, 1, 2, 3] as [UInt64]).map { Samples.report(device: 7, number: $0) }
            commit.reports += [nextEnrolment, Samples.report(device: 7, number: 3), other]
        }
        return try await Self.differences(store, [nextEnrolment, other], "at once")
    }

    /// Devices report in no order, three times each, while the store sorts again and again.
    func sortedReports(_ store: any Store) async throws -> [String] {
        let rounds = 3
        let devices = (1...1_500).map { Seq($0 * 7_919 % 1_501) }
        var problems: [String] = []
        for round in 1...rounds {
            async let sorted: Void = store.sortReports(atLeast: 1)
            for start in stride(from: 0, to: devices.count, by: 100) {
                try await store.keep { commit in
                    commit.reports = devices[start..<(start + 100)].map { device in
                        // One in three comes late.
                        let number = device % 3 == 0 ? rounds - round + 1 : round
                        return Samples.report(device: device, number: UInt64(number))
                    }
                }
                if start == 700 { try await store.sortReports(atLeast: 1) }
            }
            try await sorted
            let expected = devices.map { device in
                Samples.report(device: device, number: UInt64(device % 3 == 0 ? rounds : round))
            }
            problems += try await Self.differences(store, expected, "round \(round)")
            try await store.sortReports(atLeast: 1)
            problems += try await Self.differences(store, expected, "round \(round), sorted")
            try await store.sortReports(atLeast: 1_000_000)
        }
        return problems
    }

    /// What the store says of reports, one by one and of all, where it is not what is expected.
    private static func differences(
        _ store: any Store, _ expected: [StoredReport], _ when: String
    ) async throws -> [String] {
        let (single, listed) = try await store.read { reader in
            var newest: [DeviceID: StoredReport] = [:]
            try reader.reports { report in
                if let known = newest[report.device], known.place > report.place { return }
                newest[report.device] = report
            }
            return (try expected.prefix(50).map { try reader.report(of: $0.device) }, newest)
        }
        let byDevice = Dictionary(uniqueKeysWithValues: expected.map { ($0.device, $0) })
        return [
            single == expected.prefix(50).map { $0 } ? nil : "\(when): a report of one device is another",
            listed == byDevice ? nil : "\(when): \(listed.count) devices, or other reports than were kept",
        ].compactMap { $0 }
    }
}
