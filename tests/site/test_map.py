"""The map's page and its GeoJSON: the same records, narrowed by the same address."""

import re
import unittest

from served import GTB, shared


class Map(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = shared(GTB)

    def features(self, query=""):
        answer = self.site.get("/en/map.geojson" + query)
        self.assertEqual((200, "application/geo+json"), (answer.status, answer.kind()))
        collection = answer.json()
        self.assertEqual("FeatureCollection", collection["type"])
        return collection["features"]

    def page(self, query=""):
        answer = self.site.get("/en/map" + query)
        self.assertEqual(200, answer.status)
        return answer.text()

    def test_holds_every_hub_and_facility_at_first(self):
        layers = [feature["properties"]["layer"] for feature in self.features()]
        self.assertEqual(self.site.api("/hub")["total"], layers.count("hub"))
        self.assertEqual(self.site.api("/facility")["total"], layers.count("facility"))
        self.assertEqual(0, layers.count("venture"))

    def test_places_are_those_of_the_records_or_of_their_hubs(self):
        hubs = {hub["id"]: hub["location"] for hub in self.site.api("/hub?limit=100")["items"]}
        own = {item["id"]: item for item in self.site.api("/facility?limit=200")["items"]}
        for feature in self.features("?layer=facility"):
            properties, record = feature["properties"], own[feature["properties"]["id"]]
            place = record.get("location") or (hubs[record["hub"]["id"]] if "hub" in record else None)
            self.assertEqual("location" not in record and place is not None, properties["placed_by_hub"])
            if place is None:
                self.assertIsNone(feature["geometry"])
                continue
            self.assertEqual([place["lon"], place["lat"]], feature["geometry"]["coordinates"])
            if properties["placed_by_hub"]:
                self.assertTrue(properties["approximate"])
            else:
                self.assertEqual(place.get("approximate", False), properties["approximate"])

    def test_narrows_by_kind_domain_and_step(self):
        def ids(query):
            return {f["properties"]["id"] for f in self.features("?layer=facility&" + query)}

        def listed(query):
            return {item["id"] for item in self.site.api("/facility?limit=200&" + query)["items"]}

        self.assertEqual(listed("kind=cdmo"), ids("kind=facility:cdmo"))
        self.assertEqual(listed("value_chain_stages=clinical"), ids("step=clinical"))
        self.assertEqual(listed("kind=cdmo&value_chain_stages=quality"), ids("kind=facility:cdmo&step=quality"))
        self.assertEqual(listed("market_domains=bs2020-6"), ids("domain=bs2020-6"))

    def test_the_page_lists_what_the_data_hold(self):
        page = self.page("?layer=hub&layer=venture")
        for feature in self.features("?layer=hub&layer=venture"):
            if feature["geometry"]:
                self.assertIn('href="%s"' % re.sub(r"^https?://[^/]*", "", feature["properties"]["url"]), page)

    def test_a_view_shows_a_part(self):
        whole, part = self.page(), self.page("?view=36.08,140.11,4")
        self.assertIn("/en/hub/kawasaki", whole)
        self.assertNotIn("/en/hub/kawasaki", part.split('id="content"')[1])
        self.assertIn("/en/hub/tsukuba", part)

    def test_nonsense_is_the_whole(self):
        for query in ("?view=1", "?view=x,y,z", "?view=99,400,77", "?view=1e400,0,1", "?layer=nothing", "?kind=:", "?step=%00"[:6]):
            self.assertIn("/en/hub/kawasaki", self.page(query))

    def test_asks_no_outside_server_unless_told(self):
        answer = self.site.get("/en/map")
        self.assertNotIn("<image", answer.text())
        self.assertIn("img-src 'self';", answer.headers["content-security-policy"])


class Tiles(unittest.TestCase):
    def test_an_operator_may_name_a_tile_server(self):
        import os
        from served import Served
        os.environ["MUSUBI_MAP_TILES"] = "https://tiles.example/{z}/{x}/{y}.png"
        os.environ["MUSUBI_MAP_TILES_CREDIT"] = "Example & Sons"
        try:
            site = Served(GTB)
        finally:
            del os.environ["MUSUBI_MAP_TILES"], os.environ["MUSUBI_MAP_TILES_CREDIT"]
        answer = site.get("/en/map")
        self.assertIn("img-src 'self' https://tiles.example;", answer.headers["content-security-policy"])
        self.assertIn("Example &amp; Sons", answer.text())
        tiles = re.findall(r'href="https://tiles\.example/(\d+)/(\d+)/(\d+)\.png"', answer.text())
        self.assertGreater(len(tiles), 3)
        self.assertLess(len(tiles), 65)
        self.assertEqual(1, len({tile[0] for tile in tiles}))
        site.stop()


if __name__ == "__main__":
    unittest.main()
