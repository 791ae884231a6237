"""The words that no section may take as its address: the site map and the friends' page join them."""

from django.db import migrations, models

RESERVED = sorted(
    "tin doan-cong-tac nhan-su co-quan tac-gia chu-de luu-tru cai-chinh trang en tim-kiem xem-nhieu phan-hoi"
    " du-lieu-ca-nhan ban-tin rss atom feed.json sitemap.xml sitemap-tin-tuc.xml sitemap robots.txt api xem-truoc dem"
    " media tai-khoan quan-tri healthz static favicon.ico sitemap.html gioi-thieu lien-he so-do-trang gui-ban-be".split()
)


class Migration(migrations.Migration):
    dependencies = [("news", "0004_public_site_data")]

    operations = [
        migrations.RemoveConstraint(model_name="section", name="section_slug_not_reserved"),
        migrations.AddConstraint(
            model_name="section",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__in", RESERVED), _negated=True),
                name="section_slug_not_reserved",
                violation_error_message="Địa chỉ này dành cho trang khác của hệ thống.",
            ),
        ),
    ]
