"""Who is asking: a credential's role and site, and nothing about any person who brought a rock."""

from dataclasses import dataclass

from service.access.permissions import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is the credential's label or the person's name, as the audit log keeps it.

    Only outreach has a site.
    """

    id: str
    role: Role
    site: str | None
    cookie: bool = False

    def __post_init__(self) -> None:
        if (self.role is Role.OUTREACH) != (self.site is not None):
            raise ValueError("outreach needs its one site, and nobody else has one")

    def own_site(self) -> str:
        """The site of an outreach worker; a door has let nobody else through."""
        if self.site is None:
            raise LookupError("not an outreach worker")
        return self.site
