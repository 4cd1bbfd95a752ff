import SyncCore

extension Catalog {
    /// The settings catalog this build carries (`Protocol/catalog.json`).
    ///
    /// - Throws: `CatalogError` only if the file in the repository is broken, which a test rules out.
    public static func embedded() throws(CatalogError) -> Catalog {
        try CatalogReader.read(PackageResources.catalog_json)
    }
}
