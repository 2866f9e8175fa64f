"""Small cards that other sites can frame, one a statement, and what tells those sites of them.

A card is a whole page with a policy of its own and no script. Beside it stands an answer in the form of oEmbed 1.0
(type `rich`), written beforehand, as there is no server to ask. Both need nothing but a host for files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from scripts.records import Claim
from scripts.render import CARD, Draft, Renderer, Site


def oembed(site: Site, claim: Claim) -> str:
    """The answer that an oEmbed provider would give for a statement's page."""
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": claim.short,
        "provider_name": site.settings.name,
        "provider_url": site.settings.url,
        "html": site.embed_snippet(claim),
        "width": CARD[0],
        "height": CARD[1],
    }
    return json.dumps(answer, ensure_ascii=False, indent=1) + "\n"


def card(renderer: Renderer, claim: Claim) -> str:
    """The page that other sites frame."""
    site = renderer.site
    template = renderer.environment.get_template("embed.html")
    return template.render(site=site, claim=claim, it=site.assessment(claim), root="../../../")


def files(renderer: Renderer) -> Iterator[tuple[str, Draft]]:
    """The cards, and for a site that knows its address the answers, by their path under the site, none made yet."""
    site = renderer.site
    for claim in site.corpus.claims.values():
        yield f"embed/{claim.id}/index.html", partial(card, renderer, claim)
        if site.settings.url:
            yield f"embed/{claim.id}.json", partial(oembed, site, claim)
