<?php
// Installs the blog once: pretty permalinks, an application password for admin, a post with one approved, one held and
// one spam comment. Writes the KEY=VALUE lines to the file CM_WP_KEYS. Run by wordpress-up.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('CM_WP_URL'), PHP_URL_HOST) . ':' . parse_url(getenv('CM_WP_URL'), PHP_URL_PORT);
$_SERVER['SERVER_NAME'] = '127.0.0.1';
$_SERVER['REQUEST_URI'] = '/';
require getenv('CM_WP_SITE') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
if (!is_blog_installed()) {
    wp_install('Test blog', 'admin', 'admin@example.com', true, '', 'admin-pass');
    wp_delete_comment(1, true);
    wp_delete_post(1, true);
}
// Of visitors, only those are held who never had a comment approved: as a new blog does it.
update_option('comment_previously_approved', 1);
update_option('comment_moderation', 0);
update_option('comments_notify', 0);
update_option('moderation_notify', 0);
$wp_rewrite->set_permalink_structure('/%postname%/');
$wp_rewrite->flush_rules(false);

$admin = get_user_by('login', 'admin')->ID;
foreach (WP_Application_Passwords::get_user_application_passwords($admin) as $old) {
    WP_Application_Passwords::delete_application_password($admin, $old['uuid']);
}
[$password] = WP_Application_Passwords::create_new_application_password($admin, ['name' => 'cm']);
$post = wp_insert_post(['post_title' => 'Spring launch', 'post_content' => 'Notes about the launch.', 'post_status' => 'publish', 'post_author' => $admin]);
$comment = fn($who, $text, $approved) => wp_insert_comment([
    'comment_post_ID' => $post, 'comment_author' => $who, 'comment_author_email' => strtolower($who) . '@example.com',
    'comment_content' => $text, 'comment_approved' => $approved,
]);
$approved = $comment('Ann', 'When does it ship?', 1);
$hold = $comment('Bob', 'Is there a free tier?', 0);
$comment('Eve', 'cheap pills http://spam.example', 'spam');
file_put_contents(getenv('CM_WP_KEYS'), "WP_USER=admin\nWP_APP_PASSWORD=$password\nWP_POST=$post\nWP_COMMENT_APPROVED=$approved\nWP_COMMENT_HOLD=$hold\n");
