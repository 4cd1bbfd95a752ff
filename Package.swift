// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

let package = Package(
    name: "consigne",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "consigned", targets: ["consigned"]),
        .executable(name: "consigne", targets: ["consigne"]),
        .executable(name: "consigne-sim", targets: ["consigne-sim"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Ground: the rules, as pure values.
        .target(
            name: "SyncCore",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),

        // Seam: the wire, the store contract, the engine.
        .target(
            name: "SyncProtocol",
            dependencies: ["SyncCore"],
            path: "Protocol",
            exclude: ["README.md", "generate", "openapi.yaml", "Proxies", "Vectors"],
            sources: ["Sources"],
            resources: [.embedInCode("catalog.json")],
            swiftSettings: strict),
        .target(name: "SyncStore", dependencies: ["SyncCore"], swiftSettings: strict),
        .target(name: "SyncStoreTesting", dependencies: ["SyncStore", "SyncCore"], swiftSettings: strict),
        .target(
            name: "SyncEngine",
            dependencies: [
                "SyncStore", "SyncCore",
                .product(name: "Collections", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // Edge: stores, servers, clients, handsets.
        .target(
            name: "SyncStoreSQLite",
            dependencies: [
                "SyncStore", "SyncCore",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .target(
            name: "SyncServer",
            dependencies: [
                "SyncEngine", "SyncProtocol", "SyncCore", "CMalloc", "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Collections", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "SyncClient",
            dependencies: [
                "SyncProtocol", "SyncCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(name: "DeviceAgent", dependencies: ["SyncProtocol", "SyncCore"], swiftSettings: strict),
        .target(
            name: "FleetSimulator",
            dependencies: [
                "DeviceAgent", "SyncClient", "SyncProtocol", "SyncCore", "CZlib",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "Collections", package: "swift-collections"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "SwiftASN1", package: "swift-asn1"),
                .product(name: "X509", package: "swift-certificates"),
            ],
            path: "Simulator",
            exclude: ["README.md", "run", "Sources/consigne-sim"],
            sources: ["Sources/FleetSimulator"],
            resources: [.embedInCode("fleet.json"), .embedInCode("Policies")],
            swiftSettings: strict),

        // Binaries.
        .executableTarget(
            name: "consigned",
            dependencies: [
                "SyncServer", "SyncEngine", "SyncStoreSQLite", "SyncStore", "SyncProtocol", "SyncCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "consigne",
            dependencies: [
                "SyncClient", "SyncProtocol", "SyncCore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "consigne-sim",
            dependencies: [
                "FleetSimulator", "SyncClient",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Simulator/Sources/consigne-sim",
            swiftSettings: strict),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["SyncCore", .product(name: "Yams", package: "Yams")],
            path: "Tests/TestSupport",
            swiftSettings: strict),
        .executableTarget(
            name: "hot-path",
            dependencies: [
                "SyncServer", "SyncEngine", "SyncStore", "SyncProtocol", "SyncCore", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
            ],
            path: "Tests/HotPath",
            exclude: ["budget"],
            swiftSettings: strict),
        .testTarget(name: "HouseTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SyncCoreTests",
            dependencies: ["FleetSimulator", "SyncCore", "SyncProtocol", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SyncProtocolTests",
            dependencies: ["SyncProtocol", "SyncCore", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DeviceAgentTests",
            dependencies: ["DeviceAgent", "SyncProtocol", "SyncCore", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "FleetSimulatorTests",
            dependencies: ["FleetSimulator", "SyncProtocol", "SyncCore", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "SyncEngineTests",
            dependencies: [
                "SyncEngine", "SyncStore", "SyncStoreSQLite", "SyncStoreTesting", "SyncProtocol", "SyncCore",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SyncServerTests",
            dependencies: [
                "SyncServer", "SyncEngine", "SyncStore", "SyncStoreSQLite", "SyncStoreTesting", "DeviceAgent",
                "FleetSimulator",
                "SyncProtocol", "SyncCore", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "consigned", "consigne", "consigne-sim", "FleetSimulator", "SyncClient", "SyncEngine", "SyncStore",
                "SyncStoreSQLite", "SyncStoreTesting", "SyncProtocol", "SyncCore", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "CPowerCut", path: "Tests/CPowerCut", linkerSettings: [.linkedLibrary("sqlite3")]),
        .testTarget(
            name: "SyncStoreTests",
            dependencies: ["CPowerCut", "SyncStore", "SyncStoreSQLite", "SyncStoreTesting", "SyncCore", "TestSupport"],
            swiftSettings: strict),
    ]
)
