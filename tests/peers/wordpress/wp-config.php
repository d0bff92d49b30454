<?php
// The settings of the throw-away WordPress. Where it lies comes from the environment of wordpress-up.
define('DB_NAME', 'wp');
define('DB_USER', 'wp');
define('DB_PASSWORD', 'wp');
define('DB_HOST', 'localhost:' . getenv('CM_WP_SOCKET'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords over plain HTTP
define('WP_HOME', getenv('CM_WP_URL'));
define('WP_SITEURL', getenv('CM_WP_URL'));
define('WP_DEFAULT_THEME', 'bare');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISABLE_WP_CRON', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $key) {
    define($key . '_KEY', $key . 'k');
    define($key . '_SALT', $key . 's');
}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require ABSPATH . 'wp-settings.php';
